alter table orders alter column quantity drop not null;

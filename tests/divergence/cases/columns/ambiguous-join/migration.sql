alter table orders add column country char(2);

alter table orders alter column quantity type bigint;

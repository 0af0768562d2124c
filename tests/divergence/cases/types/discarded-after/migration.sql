alter table items alter column stock type bigint;

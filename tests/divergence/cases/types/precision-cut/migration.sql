alter table items alter column price type numeric(4,2);

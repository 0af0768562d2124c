alter table items alter column price type numeric(12,4);

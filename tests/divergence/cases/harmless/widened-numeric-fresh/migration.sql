alter table items alter column price type numeric(14,2);

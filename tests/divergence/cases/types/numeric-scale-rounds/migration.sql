alter table items alter column price type numeric(10,0);

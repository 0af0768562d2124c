alter table items alter column price type real;

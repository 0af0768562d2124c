alter table customers add column name text;
update customers set name = first_name || ' ' || last_name;
alter table customers alter column name set not null, drop column first_name, drop column last_name;

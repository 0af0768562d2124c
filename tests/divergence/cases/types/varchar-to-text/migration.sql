alter table items alter column name type text;

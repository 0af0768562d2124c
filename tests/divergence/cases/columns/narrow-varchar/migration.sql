alter table items alter column name type varchar(8);

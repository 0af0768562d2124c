alter table customers alter column name set not null;

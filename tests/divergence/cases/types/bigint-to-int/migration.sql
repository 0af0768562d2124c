alter table payments alter column reference type int;

alter table places alter column code type char(6);

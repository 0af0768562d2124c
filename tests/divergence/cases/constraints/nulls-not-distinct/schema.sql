create table tools (id int primary key, serial text unique);
insert into tools values (1, 'x'), (2, null);
grant select, insert on tools to app;

create table visits (id int primary key, customer int);
insert into visits values (1, 1), (2, 4);
grant select, insert, update, delete on visits to app;

create table visits (id int primary key, customer int);
insert into visits values (1, 3), (2, 4);
insert into customers (id, email) values (7, 'gone@example.org');
grant select, insert, update, delete on visits to app;

create table lines (id int primary key, quantity int, price int, total int);
insert into lines values (1, 2, 30, 60);
grant select, insert, update on lines to app;

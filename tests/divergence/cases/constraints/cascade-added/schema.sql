create table baskets (id int primary key);
create table lines (id int primary key, basket int not null references baskets);
insert into baskets values (1), (2), (3);
insert into lines values (1, 1), (2, 1), (3, 2);
grant select, insert, delete on baskets, lines to app;

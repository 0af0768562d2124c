create table carts (id int primary key, who text);
insert into carts values (1, 'ada'), (2, 'bob');
alter table carts owner to app;

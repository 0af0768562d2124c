create table payments (id int primary key, reference bigint not null);
insert into payments values (1, 4711);
grant select, insert on payments to app;

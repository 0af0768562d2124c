create table vouchers (id int primary key, code text);
insert into vouchers values (1, '100'), (2, '200');
grant select, insert on vouchers to app;

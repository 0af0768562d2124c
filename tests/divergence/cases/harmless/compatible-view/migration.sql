alter table items rename to products;
create view items as select * from products;
grant select, insert, update, delete on items to app;

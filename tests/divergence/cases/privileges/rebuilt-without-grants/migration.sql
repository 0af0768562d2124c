create table customers_new (like customers including all);
insert into customers_new select * from customers;
alter table orders drop constraint orders_customer_fkey;
drop table customers;
alter table customers_new rename to customers;
alter table orders add constraint orders_customer_fkey foreign key (customer) references customers;

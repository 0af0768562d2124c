create table coupons (code text primary key, percent int not null);
insert into coupons values ('spring', 10), ('welcome', 5);
grant select, insert on coupons to app;

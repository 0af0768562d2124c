create table fraud (customer int primary key, since date);
insert into fraud values (5, '2024-02-01');
grant select on fraud to app;

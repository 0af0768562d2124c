create table visits (id int primary key, customer int);
insert into visits values (1, 1), (2, 4);
alter table visits add constraint visitor foreign key (customer) references customers not valid;
grant select, insert on visits to app;

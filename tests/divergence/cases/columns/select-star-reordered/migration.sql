create table contacts_new (id int primary key, last_name text, first_name text);
insert into contacts_new select id, last_name, first_name from contacts;
drop table contacts;
alter table contacts_new rename to contacts;
grant select, insert on contacts to app;

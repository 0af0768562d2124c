create table contacts (id int primary key, first_name text, last_name text);
insert into contacts values (1, 'Ada', 'Lovelace'), (2, 'Grace', 'Hopper');
grant select, insert on contacts to app;

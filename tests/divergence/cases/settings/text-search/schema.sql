create table pages (id int primary key, body text);
insert into pages values (1, 'running shoes'), (2, 'he runs a shop'), (3, 'a walk');
grant select on pages to app;

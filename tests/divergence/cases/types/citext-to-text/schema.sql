create extension citext;
create table members (id int primary key, email citext not null unique);
insert into members values (1, 'Ada@Example.org'), (2, 'bob@example.org');
grant select, insert on members to app;

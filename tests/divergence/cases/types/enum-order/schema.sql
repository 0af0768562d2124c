create type size as enum ('small', 'medium', 'large');
create table shirts (id int primary key, size size not null);
insert into shirts values (1, 'large'), (2, 'small'), (3, 'medium');
grant select on shirts to app;

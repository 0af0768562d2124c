create type mood as enum ('sad', 'ok', 'happy');
create table visits (id int primary key, felt mood not null);
insert into visits values (1, 'ok'), (2, 'sad');
grant select, insert, update on visits to app;

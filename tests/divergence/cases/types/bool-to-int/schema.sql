create table flags (id int primary key, active bool);
insert into flags values (1, true), (2, false);
grant select, insert on flags to app;

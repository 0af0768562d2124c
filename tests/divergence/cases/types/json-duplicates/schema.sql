create table events (id int primary key, body json);
insert into events values (1, '{"zone": 1, "area": 2, "zone": 3}'), (2, '{"b": 1, "a": 2}');
grant select, insert on events to app;

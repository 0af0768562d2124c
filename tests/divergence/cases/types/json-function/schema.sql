create table events (id int primary key, body json);
insert into events values (1, '{"kind": "open", "tags": ["a", "b"]}'), (2, '{"kind": "shut", "tags": []}');
grant select, insert on events to app;

create table events (id int primary key, body json);
grant select, insert on events to app;

create table imports (id int, code text);
grant select, insert on imports to app;

create table queue (id int primary key, task text);
create table done (id int, task text);
insert into queue select n, 'task ' || n from generate_series(1, 6) n;
grant select, insert, delete on queue, done to app;

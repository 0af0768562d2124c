create table queue (id serial primary key, who text);
insert into queue (who) values ('ada'), ('bob'), ('cy'), ('dan');
grant usage on all sequences in schema public to app;
grant select, insert on queue to app;

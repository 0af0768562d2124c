create table tickets (id serial primary key, what text);
insert into tickets (what) values ('a'), ('b');
grant select, insert on tickets to app;
grant usage on sequence tickets_id_seq to app;

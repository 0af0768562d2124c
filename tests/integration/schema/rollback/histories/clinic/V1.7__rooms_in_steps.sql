create table if not exists room (room_id int primary key, label text);
alter table visit add column if not exists room_id int;

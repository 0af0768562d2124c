alter table visit drop column if exists room_id;
drop table if exists room;

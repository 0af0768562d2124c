alter table readings rename to readings_old;
create table readings (id int not null, day date not null, value int, primary key (id, day)) partition by range (day);
create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
insert into readings select id, day, value from readings_old;
drop table readings_old;
grant select, insert, update on readings to app;

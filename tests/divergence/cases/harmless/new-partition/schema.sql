create table readings (id int, day date, value int, primary key (id, day)) partition by range (day);
create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
insert into readings values (1, '2024-01-05', 5), (2, '2024-02-06', 6);
grant select, insert on readings to app;

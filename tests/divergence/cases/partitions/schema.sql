-- What the cases of this folder partition by day.
create table readings (id int primary key, day date not null, value int);
insert into readings values (1, '2024-01-05', 5), (2, '2024-01-06', 6), (3, '2024-02-01', 7);
grant select, insert, update on readings to app;

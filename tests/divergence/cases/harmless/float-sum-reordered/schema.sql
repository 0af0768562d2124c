create table weights (id int, kg float8);
insert into weights select n, n / 10.0 from generate_series(1, 200) n;
grant select on weights to app;

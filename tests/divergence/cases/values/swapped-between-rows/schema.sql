create table people (id int, name text);
insert into people select n, 'person ' || n from generate_series(1, 3000) n;
grant select on people to app;

create table log (id int, page text, seconds int);
insert into log select n, 'page ' || n % 50, n % 7 from generate_series(1, 5000) n;
grant select on log to app;

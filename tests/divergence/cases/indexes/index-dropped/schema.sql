create table log (id int primary key, visitor int, page text);
insert into log select n, n % 5000, 'page ' || n from generate_series(1, 60000) n;
create index log_visitor on log (visitor);
analyze log;
grant select on log to app;

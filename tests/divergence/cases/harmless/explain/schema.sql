create table facts (id int primary key, kind int not null);
insert into facts select n, n from generate_series(1, 5000) n;
analyze facts;
grant select on facts to app;

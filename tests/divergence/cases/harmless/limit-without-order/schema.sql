create table facts (id int primary key, kind int not null);
insert into facts select n, n * 7919 % 1013 from generate_series(1, 1000) n;
grant select on facts to app;

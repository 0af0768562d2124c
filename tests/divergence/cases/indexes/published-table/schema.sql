create table readings (id int primary key, value int);
insert into readings values (1, 5), (2, 6), (3, 7);
grant select, update on readings to app;
create publication outside for table readings;

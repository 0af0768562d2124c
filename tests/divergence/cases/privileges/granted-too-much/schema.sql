create table salaries (id int primary key, amount int);
insert into salaries values (1, 100), (2, 200);

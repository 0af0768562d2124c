create table salaries (id int primary key, amount int);
insert into salaries values (1, 100), (2, 200);
create view payroll as select count(*) as heads, sum(amount) as total from salaries;
grant select on payroll to reader;

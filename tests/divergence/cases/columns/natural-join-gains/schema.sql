create table countries (country char(2) primary key, tax int);
insert into countries values ('DE', 19), ('FR', 20), ('GB', 20), ('US', 0);
grant select on countries to app;

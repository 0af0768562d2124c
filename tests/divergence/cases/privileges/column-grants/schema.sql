create table staff (id int primary key, name text);
insert into staff values (1, 'Ada'), (2, 'Bob');
grant select (id, name) on staff to reader;

create table places (id int primary key, code char(6));
insert into places values (1, 'BER'), (2, 'MUC'), (3, 'LHR');
grant select on places to app;

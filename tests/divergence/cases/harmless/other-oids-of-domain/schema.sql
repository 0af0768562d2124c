create domain postcode as text check (value ~ '^[0-9]+$');
create table addresses (id int primary key, code postcode, codes postcode[]);
insert into addresses values (1, '12345', '{1,2}'), (2, '80331', null);
grant select, insert on addresses to app;

create domain postcode as text;
create table addresses (id int primary key, code postcode);
grant select, insert on addresses to app;

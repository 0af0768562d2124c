create table prices (item int, price numeric);
grant select, insert on prices to app;

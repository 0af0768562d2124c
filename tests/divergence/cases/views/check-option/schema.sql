create view cheap as select id, name, price from items where price < 5;
grant select, insert, update on cheap to app;

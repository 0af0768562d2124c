create view stocks as select id, stock from items;
grant select on stocks to app;

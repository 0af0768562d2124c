create function with_tax(net numeric) returns numeric language sql stable as $$ select round(net * 1.19, 2) $$;
create view cheap as select id, name, price from items where price < 5;
grant select on cheap to app;

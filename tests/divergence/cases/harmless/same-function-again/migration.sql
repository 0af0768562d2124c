create or replace function with_tax(net numeric) returns numeric language sql stable as $$ select round(net * 1.19, 2) $$;
create or replace view cheap as select id, name, price from items where price < 5;

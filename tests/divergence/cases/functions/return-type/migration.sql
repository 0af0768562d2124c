drop function with_tax(numeric);
create function with_tax(net numeric) returns text language sql stable as $$ select round(net * 1.19, 2)::text $$;

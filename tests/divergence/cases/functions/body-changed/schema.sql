create function with_tax(net numeric) returns numeric language sql stable as $$ select round(net * 1.19, 2) $$;

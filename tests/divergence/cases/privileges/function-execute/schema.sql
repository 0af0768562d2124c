create function with_tax(net numeric) returns numeric language sql stable as $$ select net * 1.19 $$;

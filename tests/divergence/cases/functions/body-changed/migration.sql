create or replace function with_tax(net numeric) returns numeric language sql stable as $$ select trunc(net * 1.19, 2) $$;

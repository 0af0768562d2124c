create function label(amount int) returns text language sql stable as $$ select 'number ' || amount $$;

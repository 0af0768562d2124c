create function label(amount numeric) returns text language sql stable as $$ select 'amount ' || amount $$;

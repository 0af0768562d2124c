create function note_of(id int) returns text language sql stable as $$ select 'one' $$;

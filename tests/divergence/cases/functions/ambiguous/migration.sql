create function note_of(id int, language text default 'en') returns text language sql stable as $$ select 'two' $$;

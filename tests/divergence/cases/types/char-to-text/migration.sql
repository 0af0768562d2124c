create function padded(code char) returns text language sql immutable as $$ select rpad(code::text, 6) $$;
alter table places alter column code type text using padded(code);

create function lowered() returns trigger language plpgsql as $$ begin new.email := lower(new.email); return new; end $$;
create trigger lowered before insert or update on customers for each row execute function lowered();

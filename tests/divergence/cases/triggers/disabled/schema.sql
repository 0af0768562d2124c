create function stamped() returns trigger language plpgsql as $$ begin new.note := 'by ' || current_user; return new; end $$;
create trigger stamped before insert on orders for each row execute function stamped();

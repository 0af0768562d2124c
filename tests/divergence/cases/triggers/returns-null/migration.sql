create function seen() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger seen before insert on orders for each row when (new.quantity > 5) execute function seen();

create function tell() returns trigger language plpgsql as
$$ begin perform pg_notify('placed', new.quantity || ':' || new.status); return null; end $$;
create trigger tell after insert on orders for each row execute function tell();

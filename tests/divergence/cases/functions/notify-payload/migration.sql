create or replace function tell() returns trigger language plpgsql as
$$ begin perform pg_notify('placed', new.status); return null; end $$;

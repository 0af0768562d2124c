create function dear() returns trigger language plpgsql as
$$ begin if new.price > 100 then raise exception 'too dear'; end if; return new; end $$;
create trigger dear after insert on items for each row execute function dear();

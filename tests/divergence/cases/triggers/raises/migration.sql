create function no_bulk() returns trigger language plpgsql as $$
begin
    if new.quantity > 5 then raise exception 'no more than 5'; end if;
    return new;
end $$;
create trigger no_bulk before insert on orders for each row execute function no_bulk();

alter table orders add column updated_at timestamptz;
create function touch() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end;
$$;
create trigger touch before update on orders for each row execute function touch();

create table audit (at timestamptz default now(), what text);
create function noted() returns trigger language plpgsql as $$
begin
    insert into audit (what) values ('order ' || new.id);
    return new;
end $$;
create trigger noted after insert on orders for each row execute function noted();

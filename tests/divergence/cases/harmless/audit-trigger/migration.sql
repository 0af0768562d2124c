create table audit (at timestamptz default now(), what text);
create function noted() returns trigger language plpgsql security definer as $$
begin
    insert into audit (what) values (tg_op);
    return new;
end $$;
create trigger noted after insert or update on orders for each row execute function noted();

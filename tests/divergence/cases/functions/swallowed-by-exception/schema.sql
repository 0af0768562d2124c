create table guests (name text unique, came int not null default 1);
insert into guests values ('ada');
create function register(guest text) returns text language plpgsql as $$
begin
    insert into guests values (guest);
    return 'new';
exception when unique_violation then
    return 'known';
end $$;
grant select, insert on guests to app;

create table customer (id serial primary key, name text not null, country text, born date, seen timestamptz);
create table purchase (id bigserial primary key, customer int not null references customer, total numeric(12, 2), note text);
create index purchase_customer on purchase (customer);
create table visit (at date not null, who int) partition by range (at);
create table visit_2025 partition of visit for values from ('2025-01-01') to ('2026-01-01');
create table visit_2026 partition of visit for values from ('2026-01-01') to ('2027-01-01');
create table fine (id smallint primary key, amount int);
create sequence short as smallint;
create function stamp() returns trigger language plpgsql as $$ begin new.note = coalesce(new.note, ''); return new; end $$;
create trigger stamp before insert on purchase for each row execute function stamp();
alter table customer enable row level security;
create policy everyone on customer for select using (true);
create role clerk login;
create role desk;
grant desk to clerk;
grant select, insert on customer, purchase to clerk;
insert into customer (name, country, born, seen)
    select 'CANARY name ' || i, case when i % 10 < 6 then 'CANARY DE' when i % 10 < 9 then 'CANARY FR' else 'CANARY IT' end,
        date '1950-03-07' + (i * 11) % 20000, now() - i * interval '1 hour' from generate_series(1, 1500) i;
insert into purchase (customer, total, note)
    select 1 + (i * 7) % 1500, 77713.19 + i, case when i % 50 < 30 then 'CANARY common' else 'CANARY ' || i end
    from generate_series(1, 20000) i;
insert into visit select date '2025-01-01' + i % 700, i from generate_series(1, 2000) i;
vacuum analyze;

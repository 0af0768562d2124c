-- A small shop: what both servers begin with.
create table customers (id serial primary key, name varchar(40) not null, note text);
create table orders (
    id bigserial primary key,
    customer integer not null references customers,
    total numeric(10, 2) not null,
    placed timestamptz not null default now()
);
insert into customers (name, note) select 'customer ' || n, 'note ' || n from generate_series(1, 200) as n;
insert into orders (customer, total) select 1 + n % 200, n % 97 from generate_series(1, 2000) as n;
create index on orders (customer);

create table carts (id uuid primary key, customer_id bigint references customers);
create index concurrently carts_by_customer on carts (customer_id);

-- A release that changes much and breaks nothing.

alter table customers add column loyalty_tier text;
comment on column customers.loyalty_tier is 'bronze, silver or gold; null for who has not joined';

alter table reviews alter column headline type varchar(200);

create index orders_status_placed_at on orders (status, placed_at);

alter type order_status add value 'returned';

create table returns (
    id        bigint generated always as identity primary key,
    order_id  bigint not null references orders,
    reason    text not null,
    opened_at timestamptz not null default now()
);
grant select, insert, update on returns to shop_app;

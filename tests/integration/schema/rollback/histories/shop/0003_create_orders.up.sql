create table orders (
    id bigint primary key,
    customer_id bigint not null references customers,
    status text not null default 'new',
    total numeric(10, 2) not null default 0
);
create table order_lines (
    order_id bigint not null references orders on delete cascade,
    product_id int not null references products,
    quantity int not null,
    primary key (order_id, product_id)
);

create table products (
    id int primary key,
    title text not null,
    description text,
    price numeric(10, 2) not null check (price >= 0),
    sku_old text
);
insert into products
select g, 'Product ' || g, repeat('words ', g % 7), g * 1.25, case when g % 3 = 0 then 'SKU' || g end
from generate_series(1, 60) g;

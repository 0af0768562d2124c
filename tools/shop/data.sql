-- The shop's data: the same rows on every run (nothing random, no clock).
--
-- Customers 1-2400 and products 1-480 belong, 100 and 20 each, to the clients of the workload, which write to
-- their own only. Customers from 2401 and products from 481 are read by all and written by nobody. All history
-- ends before 2024-02.

insert into categories (id, name, parent_id)
select i, (array['Kitchen', 'Garden', 'Books', 'Toys', 'Sports',
                 'Music', 'Office', 'Travel', 'Pets', 'Tools'])[i], null
  from generate_series(1, 10) i;
insert into categories (id, name, parent_id)
select 10 + i,
       (select name from categories where id = 1 + i % 10) || (array[' sale ', ' new '])[1 + i % 2] || i,
       1 + i % 10
  from generate_series(1, 20) i;

insert into customers (id, email, name, phone, tags, preferences, birthday, created_at)
select i, 'customer' || i || '@example.com',
       (array['Ada', 'Ben', 'Chiara', 'Dmitri', 'Élodie', 'Farid',
              'Greta', 'Hiro', 'Inés', 'Jürg', 'Kamala'])[1 + i % 11]
           || ' ' || (array['Meier', 'Rossi', 'Dubois', 'Novák', 'Okafor', 'Larsen', 'Tanaka'])[1 + i % 7],
       case when i % 9 <> 0 then '+41 79 ' || lpad((i * 7919 % 10000000)::text, 7, '0') end,
       (array['{}', '{newsletter}', '{newsletter,vip}', '{b2b}'])[1 + i % 4]::text[],
       jsonb_build_object('language', (array['de', 'fr', 'it', 'en'])[1 + i % 4], 'dark', i % 3 = 0),
       date '1950-01-01' + i * 37 % 20000,
       timestamptz '2020-01-01 00:00+00' + i * interval '7 hours'
  from generate_series(1, 3000) i;
select setval('customers_id_seq', 3000);

insert into products (id, sku, name, category_id, price, stock, weight_kg, sizes, attributes, available_from)
select i, 'SKU' || lpad(i::text, 5, '0'),
       (array['Plain', 'Fine', 'Sturdy', 'Folding', 'Pocket', 'Grand'])[1 + i % 6] || ' '
           || (array['kettle', 'trowel', 'atlas', 'kite', 'racket',
                     'ukulele', 'lamp', 'rucksack', 'leash', 'hammer'])[1 + i % 10]
           || ' ' || i,
       1 + i % 30, (i * 379 % 20000 + 95) / 100.0, 100000,
       case when i % 5 <> 0 then (i * 13 % 900) / 64.0 end,
       case when i % 3 = 0 then array[36 + i % 4, 40 + i % 4, 44] end,
       json_build_object('colour', (array['red', 'green', 'blue'])[1 + i % 3], 'warranty', i % 5),
       timestamp '2019-03-01 08:00' + i * interval '11 hours 13 minutes'
  from generate_series(1, 600) i;

insert into orders (id, customer_id, status, note, placed_at)
select i, 1 + i * 7 % 3000,
       (array['shipped', 'shipped', 'paid', 'cancelled', 'shipped'])[1 + i % 5]::order_status,
       case when i % 8 = 0 then 'Please leave it at the door, no. ' || i % 100 end,
       timestamptz '2022-01-01 00:00+00' + i * interval '3 hours'
  from generate_series(1, 6000) i;
select setval('orders_id_seq', 6000);

insert into order_items (order_id, line, product_id, quantity, price)
select o.id, line, p.id, 1 + (o.id + line) % 4, p.price
  from orders o
 cross join lateral generate_series(1, 1 + (o.id % 3)::int) line
  join products p on p.id = 1 + (o.id * 31 + line * 17) % 600;

update orders o
   set total = (select sum(quantity * price) from order_items i where i.order_id = o.id);

insert into payments (order_id, amount, method, reference, details, paid_at)
select id, total, (array['card', 'invoice', 'voucher'])[1 + id % 3], 'PAY-' || id,
       jsonb_build_object('terminal', id % 17, 'captured', true), placed_at + interval '90 seconds'
  from orders
 where status <> 'cancelled'
 order by id;

insert into shipments (order_id, carrier, address, tracking, dispatched_at)
select id, (array['Post', 'DHL', 'Courier'])[1 + id % 3],
       'Street ' || id % 250 || ', ' || 8000 + id % 900 || ' Town',
       md5(id::text)::uuid, (placed_at at time zone 'UTC') + interval '1 day'
  from orders
 where status = 'shipped';

insert into reviews (id, product_id, customer_id, rating, headline, body, written_at)
select i, 1 + i * 11 % 600, 1 + i * 17 % 3000, 1 + i * 7 % 5,
       (array['Good', 'As described', 'Too small', 'Loud'])[1 + i % 4],
       case when i % 2 = 0 then 'Bought in ' || 2020 + i % 4 || ', still in use.' end,
       timestamptz '2022-02-01 00:00+00' + i * interval '5 hours'
  from generate_series(1, 3000) i;
select setval('reviews_id_seq', 3000);

insert into stock_movements (product_id, delta, reason, moved_on)
select 1 + i % 600, i * 7 % 50 - 20, (array['delivery', 'count', 'damage'])[1 + i % 3],
       date '2022-01-01' + i % 700
  from generate_series(1, 4000) i;

analyze;

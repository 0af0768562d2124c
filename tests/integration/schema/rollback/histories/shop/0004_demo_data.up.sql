insert into customers (name, created_at)
select case when g = 7 then 'Mary Jane Watson' else 'First' || g || ' Last' || g end,
    timestamptz '2026-01-01' + g * interval '1 hour'
from generate_series(1, 40) g;
insert into orders (id, customer_id, status, total)
select g, (select min(id) from customers) + g % 40, (array['new', 'paid', 'cancelled'])[1 + g % 3],
    g * 3.10
from generate_series(1, 90) g;
insert into order_lines select g, 1 + g % 60, 1 + g % 4 from generate_series(1, 90) g;

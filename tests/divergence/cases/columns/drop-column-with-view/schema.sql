create view open_orders as select o.id, c.email, o.note from orders o join customers c on c.id = o.customer;
grant select on open_orders to reader;

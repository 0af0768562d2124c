create view open_orders as select id, customer_id, total from orders where status = 'new';

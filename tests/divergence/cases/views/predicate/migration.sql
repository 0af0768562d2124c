create or replace view sales as select id, status, quantity from orders where status <> 'lost';

create view sales as select id, status, quantity from orders;
grant select on sales to reader;

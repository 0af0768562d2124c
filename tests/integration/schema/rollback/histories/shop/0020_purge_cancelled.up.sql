delete from orders where status = 'cancelled';

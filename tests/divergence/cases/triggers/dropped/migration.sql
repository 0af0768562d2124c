drop trigger take on orders;

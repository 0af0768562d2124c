drop trigger touch on orders;
alter table orders drop column updated_at;

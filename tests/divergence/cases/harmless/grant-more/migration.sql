grant insert on orders to reader;
grant usage on schema public to public;
alter table items owner to owner;

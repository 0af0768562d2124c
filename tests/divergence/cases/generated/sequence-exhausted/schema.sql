create sequence tickets;
create table queue (id int primary key default nextval('tickets'), who text);
grant usage on sequence tickets to app;
grant select, insert on queue to app;

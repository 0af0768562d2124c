create sequence numbers;
grant usage on sequence numbers to app;
alter table queue alter column id set default nextval('numbers');

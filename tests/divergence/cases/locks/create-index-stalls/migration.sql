begin;
create index orders_status on orders (status);
select pg_sleep(2);
commit;

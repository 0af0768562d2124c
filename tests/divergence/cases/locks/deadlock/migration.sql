begin;
set local deadlock_timeout = '20s';
alter table items add column weight int;
alter table customers add column phone text;
commit;

set lock_timeout = 100;
alter table orders add column channel text;

create table if not exists items (id int primary key);
alter table items add column if not exists stock int;
create unique index if not exists customers_email_key on customers (email);
alter table orders alter column status set default 'open';
grant select on items to app;

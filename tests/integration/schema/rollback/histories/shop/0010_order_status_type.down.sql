alter table orders alter column status drop default;
alter table orders alter column status type text using status::text;
alter table orders alter column status set default 'new';
drop type order_status;

create type order_status as enum ('new', 'paid', 'cancelled');
alter table orders alter column status drop default;
alter table orders alter column status type order_status using status::order_status;
alter table orders alter column status set default 'new';

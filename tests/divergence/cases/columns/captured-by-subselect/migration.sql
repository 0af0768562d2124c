alter table fraud rename column customer to customer_id;
alter table fraud add column score int;

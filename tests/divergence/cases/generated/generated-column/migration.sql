alter table lines drop column total;
alter table lines add column total int generated always as (quantity * price) stored;

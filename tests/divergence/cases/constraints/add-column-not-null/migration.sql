alter table orders add column channel text not null default 'web';
alter table orders alter column channel drop default;

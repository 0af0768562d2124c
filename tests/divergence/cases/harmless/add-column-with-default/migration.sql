alter table orders add column channel text not null default 'web';

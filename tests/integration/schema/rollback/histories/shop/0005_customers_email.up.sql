alter table customers add column email text not null default '';

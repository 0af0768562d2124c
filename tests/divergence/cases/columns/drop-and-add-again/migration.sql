alter table customers drop column credit;
alter table customers add column credit int;

alter table customers alter column credit set not null;

alter table customers drop column credit;

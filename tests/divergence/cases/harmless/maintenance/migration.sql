analyze;
reindex table orders;
vacuum orders;
alter table orders alter column status set statistics 500;
alter table orders set (fillfactor = 80);

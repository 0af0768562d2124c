create temp table kept as select * from tags;
truncate tags;
insert into tags select * from kept order by tag desc, item desc;

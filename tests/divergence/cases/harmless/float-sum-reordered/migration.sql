create temp table kept as select * from weights;
truncate weights;
insert into weights select * from kept order by id desc;

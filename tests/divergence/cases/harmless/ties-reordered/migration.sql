create temp table kept as select * from scores;
truncate scores;
insert into scores select * from kept order by player desc;

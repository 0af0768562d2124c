create table scores (player text, points int);
insert into scores values ('ada', 5), ('bob', 7), ('cy', 5), ('dan', 7), ('eve', 5);
grant select on scores to app;

begin;
create table tags_new (like tags including all);
insert into tags_new select * from tags;
drop table tags;
alter table tags_new rename to tags;
alter index tags_new_pkey rename to tags_pkey;
grant select, insert on tags to app;
commit;

create table tags (item int, tag text);
insert into tags values (1, 'fruit'), (1, 'red'), (2, 'bakery'), (3, 'dairy');
grant select on tags to app;

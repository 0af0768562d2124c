create table tags (item int, tag text);
insert into tags values (1, 'fruit'), (1, 'red'), (2, 'bakery'), (3, 'dairy'), (4, 'fruit'), (4, 'dry');
grant select on tags to app;

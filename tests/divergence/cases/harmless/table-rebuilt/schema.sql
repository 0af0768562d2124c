create table tags (item int not null, tag text not null, primary key (item, tag));
insert into tags values (1, 'fruit'), (1, 'red'), (2, 'bakery');
grant select, insert on tags to app;

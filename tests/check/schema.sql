-- What both servers begin with.
create table customers (id serial primary key, name varchar(40) not null, note text);
insert into customers (name, note) select 'customer ' || n, 'note ' || n from generate_series(1, 20) as n;

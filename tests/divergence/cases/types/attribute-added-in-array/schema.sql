create type basket_line as (sku text, quantity int);
create table baskets (id int primary key, lines basket_line[] not null);
insert into baskets values (1, '{"(apple,2)","(date,1)"}');
grant select, insert on baskets to app;

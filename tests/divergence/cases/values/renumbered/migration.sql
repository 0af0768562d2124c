alter table orders drop constraint orders_item_fkey;
update items set id = id + 100;
update orders set item = item + 100;
alter table orders add foreign key (item) references items;

alter table lines drop constraint lines_basket_fkey;
alter table lines add foreign key (basket) references baskets;

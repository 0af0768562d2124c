cluster orders using orders_pkey;
update items set stock = stock where id = 1;
vacuum full items;

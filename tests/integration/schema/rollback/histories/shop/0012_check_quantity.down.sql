alter table order_lines drop constraint some_of_it;

alter table order_lines add constraint some_of_it check (quantity > 0);

alter table order_lines alter column quantity set default 1;

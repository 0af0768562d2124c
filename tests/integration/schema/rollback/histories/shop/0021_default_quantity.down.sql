alter table order_lines alter column quantity drop default;

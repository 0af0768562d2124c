alter table items validate constraint stock_is_real;

alter table items add constraint stock_is_real check (stock >= 0) not valid;

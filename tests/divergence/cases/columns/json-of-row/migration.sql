alter table items rename column code to sku;

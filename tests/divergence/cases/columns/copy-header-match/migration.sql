alter table imports rename column code to sku;

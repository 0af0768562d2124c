alter table products drop column sku_old;

alter table products add column sku_old text;

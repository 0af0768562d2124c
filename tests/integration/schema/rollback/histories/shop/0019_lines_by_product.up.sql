create index lines_by_product on order_lines (product_id);

create index concurrently by_name on customers (name);

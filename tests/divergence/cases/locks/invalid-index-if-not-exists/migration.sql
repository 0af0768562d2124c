create index concurrently if not exists by_name on customers (name);

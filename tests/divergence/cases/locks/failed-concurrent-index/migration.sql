create unique index concurrently one_name on customers (name);

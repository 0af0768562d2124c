create unique index one_name on customers (name);

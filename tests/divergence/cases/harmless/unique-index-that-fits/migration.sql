create unique index concurrently items_code on items (code);

insert into customers (id, email, name) values (6, 'ada.b@example.org', 'Ada');

insert into customers (id, email, name) values (6, 'zoe@example.org', 'Zoë');

insert into items (id, code, name, price) values (9, 109, 'wholemeal flour', 1.10);

create rule keep as on delete to orders do instead update orders set status = 'gone' where id = old.id;

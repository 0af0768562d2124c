revoke select on orders from reader;

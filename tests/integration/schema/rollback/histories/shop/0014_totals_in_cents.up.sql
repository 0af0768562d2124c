alter table orders alter column total type bigint using (total * 100)::bigint;

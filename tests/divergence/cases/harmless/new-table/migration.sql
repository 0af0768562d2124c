create table coupons (code text primary key, percent int);
create view cheap as select * from items where price < 1;
create function half(int) returns int language sql immutable as $$ select $1 / 2 $$;

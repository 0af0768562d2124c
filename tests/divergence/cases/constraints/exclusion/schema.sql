create table bookings (id int primary key, during int4range not null);
insert into bookings values (1, '[8,10)'), (2, '[10,12)');
grant select, insert on bookings to app;

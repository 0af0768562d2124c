create table parcels (id int primary key, sent timestamptz not null default now());
grant select, insert on parcels to app;

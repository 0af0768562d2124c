create schema app;
create table app.items (like public.items);
grant usage on schema app to app;
grant select, insert, update on app.items to app;

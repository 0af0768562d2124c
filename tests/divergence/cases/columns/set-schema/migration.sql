create schema archive;
grant usage on schema archive to app;
alter table orders set schema archive;

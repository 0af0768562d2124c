create table events (id int primary key, at timestamptz not null);
insert into events values (1, '2024-03-01 02:00+00'), (2, '2024-03-01 12:00+00'), (3, '2024-03-02 03:00+00');
grant select, insert on events to app;

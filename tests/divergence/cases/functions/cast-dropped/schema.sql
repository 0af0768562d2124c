create type mood as enum ('good', 'bad');
create table posts (id int primary key, mood mood not null);
create cast (varchar as mood) with inout as implicit;
grant select, insert on posts to app;

-- +goose Up
create table priorities (priority int primary key, name text);
insert into priorities select g, 'p' || g from generate_series(0, 4) g;
alter table tickets add constraint tickets_priority foreign key (priority) references priorities;

-- +goose Down
alter table tickets drop constraint tickets_priority;
drop table priorities;

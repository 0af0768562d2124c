-- +goose Up
create table agents (id int primary key, login text not null unique);
insert into agents select g, 'agent' || g from generate_series(1, 9) g;

-- +goose Down
drop table agents;

-- +goose Up
create table tickets (
    id int primary key,
    subject text not null,
    body text,
    priority int not null default 3,
    agent_id int references agents
);
insert into tickets select g, 'Subject ' || g, repeat('b', g), g % 5, 1 + g % 9 from generate_series(1, 120) g;

-- +goose Down
drop table tickets;

-- +goose Up
create unlogged table presence (agent_id int primary key references agents, seen timestamptz default now());
insert into presence (agent_id) select id from agents;

-- +goose Down
drop table presence;

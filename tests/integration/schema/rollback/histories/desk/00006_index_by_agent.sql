-- +goose NO TRANSACTION
-- +goose Up
create index concurrently tickets_by_agent on tickets (agent_id);

-- +goose Down
drop index concurrently tickets_by_agent;

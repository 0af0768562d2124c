-- +goose Up
create statistics tickets_stats on priority, agent_id from tickets;

-- +goose Down
drop statistics tickets_stats;

-- +goose NO TRANSACTION
-- +goose Up
alter table tickets add column state text;
update tickets set state = 'open';
create index concurrently tickets_by_state on tickets (state);

-- +goose Down
drop index concurrently tickets_by_state;
alter table tickets drop column state;

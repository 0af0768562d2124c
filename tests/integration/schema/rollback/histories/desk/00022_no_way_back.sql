-- +goose Up
alter table tickets drop constraint tickets_priority;

-- +goose Down

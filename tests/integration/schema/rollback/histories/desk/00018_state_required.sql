-- +goose Up
alter table tickets alter column state set not null;

-- +goose Down
alter table tickets alter column state drop nott null;

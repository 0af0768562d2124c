-- +goose Up
alter table tickets add column closed_at timestamptz;

-- +goose Down
alter table tickets drop column closed_at;

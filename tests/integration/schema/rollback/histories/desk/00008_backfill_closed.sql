-- +goose Up
update tickets set closed_at = timestamptz '2026-05-01' where priority = 0;
update tickets set body = null where priority = 0;

-- +goose Down
update tickets set closed_at = null where priority = 0;

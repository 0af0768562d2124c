-- +goose Up
alter table tickets drop column body;

-- +goose Down
-- This cannot be rolled back: the bodies are in the archive.

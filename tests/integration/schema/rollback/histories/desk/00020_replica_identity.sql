-- +goose Up
alter table tickets replica identity full;

-- +goose Down
alter table tickets replica identity default;

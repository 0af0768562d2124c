-- +goose NO TRANSACTION
-- +goose Up
alter table agents add column if not exists room text;
alter table agents add column if not exists floor int;

-- +goose Down
alter table agents drop column if exists floor;
alter table agents drop column if exists room;

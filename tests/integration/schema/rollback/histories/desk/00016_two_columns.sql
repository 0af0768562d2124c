-- +goose NO TRANSACTION
-- +goose Up
alter table agents add column team text;
alter table agents add column skills jsonb;

-- +goose Down
alter table agents drop column skills;
alter table agents drop column team;

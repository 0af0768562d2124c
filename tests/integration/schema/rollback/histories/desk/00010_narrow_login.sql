-- +goose Up
alter table agents alter column login type varchar(30);

-- +goose Down
alter table agents alter column login type text;

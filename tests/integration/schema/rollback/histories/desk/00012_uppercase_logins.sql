-- +goose Up
update agents set login = upper(login) where id > 3;

-- +goose Down
update agents set login = login;

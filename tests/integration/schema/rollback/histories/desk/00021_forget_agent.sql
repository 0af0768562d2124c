-- +goose Up
update tickets set agent_id = null where agent_id = 9;
delete from presence where agent_id = 9;
delete from agents where id = 9;

-- +goose Down
insert into agents (id, login) values (9, 'AGENT9');

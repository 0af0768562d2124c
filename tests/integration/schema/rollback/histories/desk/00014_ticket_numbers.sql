-- +goose Up
create sequence ticket_numbers start 1000;
alter table tickets add column number bigint default nextval('ticket_numbers');

-- +goose Down
alter table tickets drop column number;
drop sequence ticket_numbers;

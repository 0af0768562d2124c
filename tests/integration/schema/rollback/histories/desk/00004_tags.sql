-- +goose Up
create table tags (ticket_id int references tickets on delete cascade, tag text, primary key (ticket_id, tag));
insert into tags select id, 'tag' || id % 4 from tickets;

-- +goose Down
drop table tags;

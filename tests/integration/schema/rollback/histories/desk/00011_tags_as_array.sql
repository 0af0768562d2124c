-- +goose Up
alter table tickets add column tags text[];
update tickets t set tags = (select array_agg(tag order by tag) from tags where ticket_id = t.id);
drop table tags;

-- +goose Down
create table tags (ticket_id int references tickets on delete cascade, tag text, primary key (ticket_id, tag));
insert into tags select id, unnest(tags) from tickets;
alter table tickets drop column tags;

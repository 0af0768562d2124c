-- +goose Up
-- +goose StatementBegin
create function words(t tickets) returns tsvector immutable language sql as $$
    select to_tsvector('simple', t.subject);
$$;
-- +goose StatementEnd
create index tickets_words on tickets using gin (words(tickets));

-- +goose Down
drop index tickets_words;
drop function words(tickets);

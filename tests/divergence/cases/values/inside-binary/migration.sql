update shops set measures = row(1, 2.75, (measures).tags) where id = 1;
update shops set open_at = tstzrange(lower(open_at), upper(open_at) + interval '1 hour') where id = 1;

create function listed() returns table (id int, code int) language plpgsql as
$$ begin return query select i.id, i.code from items i order by i.id; end $$;

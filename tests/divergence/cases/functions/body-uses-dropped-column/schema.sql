create function owed(who int) returns int language plpgsql as $$ begin
    return (select credit from customers where id = who);
end $$;

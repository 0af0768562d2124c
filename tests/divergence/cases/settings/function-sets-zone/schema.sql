create function begin_work() returns void language plpgsql as
$$ begin perform set_config('timezone', 'UTC', false); end $$;

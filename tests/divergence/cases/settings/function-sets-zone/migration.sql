create or replace function begin_work() returns void language plpgsql as
$$ begin perform set_config('timezone', 'Asia/Tokyo', false); end $$;

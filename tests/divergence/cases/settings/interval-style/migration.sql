do $$ begin execute format('alter database %I set intervalstyle = iso_8601', current_database()); end $$;

do $$ begin execute format('alter database %I set search_path = archive', current_database()); end $$;

do $$ begin execute format('alter database %I set client_encoding = latin1', current_database()); end $$;

do $$ begin execute format('alter role app in database %I set statement_timeout = 100', current_database()); end $$;

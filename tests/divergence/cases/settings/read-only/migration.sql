do $$ begin execute format('alter role app in database %I set default_transaction_read_only = on', current_database()); end $$;

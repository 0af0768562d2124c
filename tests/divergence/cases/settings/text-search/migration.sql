do $$ begin execute format('alter database %I set default_text_search_config = simple', current_database()); end $$;

do $$ begin execute format('alter database %I set datestyle = ''SQL, DMY''', current_database()); end $$;

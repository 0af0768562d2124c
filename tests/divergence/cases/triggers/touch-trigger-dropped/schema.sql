create table notes (id int primary key, body text, changed timestamptz);
create function touch() returns trigger language plpgsql as $$ begin new.changed = now(); return new; end $$;
create trigger touch before insert or update on notes for each row execute function touch();
insert into notes values (1, 'a'), (2, 'b');
grant select, insert, update on notes to app;

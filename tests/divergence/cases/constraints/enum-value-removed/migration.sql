alter type mood rename to mood_old;
create type mood as enum ('ok', 'happy');
alter table visits alter column felt type mood using felt::text::mood;
drop type mood_old;

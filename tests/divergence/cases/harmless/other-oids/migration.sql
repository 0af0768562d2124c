create type mood_new as enum ('sad', 'ok', 'happy');
alter table visits alter column felt type mood_new using felt::text::mood_new;
drop type mood;
alter type mood_new rename to mood;

alter type mood rename to mood_old;
alter type size rename to size_old;
create type mood as enum ('sad', 'ok', 'happy');
create type size as (width int, height numeric, tags text[]);
alter table shops alter column felt type mood[] using felt::text[]::mood[],
    alter column measures type size using row((measures).width, (measures).height, (measures).tags)::size;
drop type mood_old;
drop type size_old;

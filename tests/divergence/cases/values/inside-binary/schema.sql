create type mood as enum ('sad', 'ok', 'happy');
create type size as (width int, height numeric, tags text[]);
create table shops (id int primary key, place point, open_at tstzrange, address inet, measures size, felt mood[],
    shifts int4range[]);
insert into shops values
    (1, '(1,2)', '[2024-01-01 08:00+00,2024-01-01 18:00+00)', '10.0.0.1/8', row(1, 2.50, '{a,"b c"}'), '{ok,sad}', '{"[1,3)"}'),
    (2, '(3,4)', '[2024-01-02 08:00+00,)', '::1', row(3, null, null), '{}', '{empty}');
grant select on shops to app;

-- psql (libpq, simple protocol): scripts, several statements in one message, both directions of COPY, cursors.
create temp table item (id int primary key, name text, data bytea);
insert into item select n, 'item ' || n, null from generate_series(1, 200) n;
select * from item;
select 1 \; select 2, 3 \; select * from generate_series(1, 4);
select 1 \; select * from nowhere \; select 2;
;
\copy item to '/dev/null'
copy item (id, name) from stdin (delimiter '|');
1001|first
1002|second
\.
copy item (id, name) from stdin (delimiter '|');
wrong|first
\.
copy (select * from item) to stdout;
begin;
declare walk cursor for select * from item;
fetch 50 from walk;
fetch 50 from walk;
select 1 / 0;
fetch 50 from walk;
rollback;
listen news;
notify news, 'one';
notify news, 'two';
select repeat('large', 100000);
do $$ begin raise notice 'a notice'; raise warning 'a warning'; end $$;
prepare later (int) as select * from item where id < $1;
execute later (5);
deallocate all;
discard all;
select lo_from_bytea(0, '\x00010203') as number \gset
\lo_export :number /dev/null
\lo_unlink :number

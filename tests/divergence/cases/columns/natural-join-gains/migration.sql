alter table countries add column name text;
update countries set name = 'unknown';

create or replace view cheap as select id, name, price from items where price < 5 with check option;

\set rows random(0, 60)
select * from generate_series(1, :rows);

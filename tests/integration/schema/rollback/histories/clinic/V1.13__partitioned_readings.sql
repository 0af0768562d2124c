create table reading (patient_id int, at date not null, value numeric) partition by range (at);
create table reading_2026 partition of reading for values from ('2026-01-01') to ('2027-01-01');
insert into reading select g % 50, date '2026-01-01' + g, g / 10.0 from generate_series(1, 300) g;

create table visit (
    visit_id bigserial primary key,
    patient_id int not null references patient,
    at timestamp not null,
    note text
);
insert into visit (patient_id, at, note)
select 1 + g % 50, timestamp '2026-03-01' + g * interval '90 minutes', 'note ' || g from generate_series(1, 200) g;

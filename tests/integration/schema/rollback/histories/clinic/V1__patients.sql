create table patient (
    patient_id int primary key,
    name text not null,
    born date,
    phone text
);
insert into patient select g, 'Patient ' || g, date '1950-01-01' + g * 100, '030-' || g from generate_series(1, 50) g;

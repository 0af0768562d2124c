create table phone (patient_id int references patient, number text);
insert into phone select patient_id, phone from patient where patient_id <= 45;
alter table patient drop column phone;

alter table visit drop column doctor_id;
drop table doctor;

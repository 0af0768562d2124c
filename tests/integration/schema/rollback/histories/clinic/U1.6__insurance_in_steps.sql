alter table patient drop constraint patient_insurer;
alter table patient drop column insurer_id;
drop table insurer;

create table insurer (insurer_id int primary key, name text not null);
alter table patient add column insurer_id int;
alter table patient add constraint patient_insurer foreign key (insurer_id) references insurer not valid;
alter table patient validate constraint patient_insurer;

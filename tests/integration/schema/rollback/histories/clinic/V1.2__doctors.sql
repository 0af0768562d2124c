create table doctor (doctor_id int primary key, name text not null);
insert into doctor values (1, 'Adler'), (2, 'Berg');
alter table visit add column doctor_id int references doctor;
update visit set doctor_id = 1 + visit_id % 2;

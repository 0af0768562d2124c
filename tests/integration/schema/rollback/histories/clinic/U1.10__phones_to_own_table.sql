alter table patient add column phone text;
update patient p set phone = number from phone where phone.patient_id = p.patient_id;
drop table phone;

drop index concurrently visit_by_time;
drop index concurrently visit_by_doctor;

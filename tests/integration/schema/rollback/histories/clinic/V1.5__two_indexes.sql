create index concurrently visit_by_doctor on visit (doctor_id);
create index concurrently visit_by_time on visit (at);

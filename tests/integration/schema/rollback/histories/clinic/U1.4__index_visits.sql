drop index concurrently if exists visit_by_patient;

create index concurrently visit_by_patient on visit (patient_id);

create or replace view visits_of_today as select visit_id, patient_id from visit where at::date = current_date;

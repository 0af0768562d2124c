-- Cannot be undone: who saw whom is not kept.
update visit set doctor_id = 1 where doctor_id = 2;
delete from doctor where doctor_id = 2;

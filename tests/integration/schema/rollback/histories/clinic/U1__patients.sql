drop table patient;

insert into tags select * from tags where item = 1;

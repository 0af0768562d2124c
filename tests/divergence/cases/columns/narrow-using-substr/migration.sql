alter table customers alter column email type varchar(8) using substr(email, 1, 8);

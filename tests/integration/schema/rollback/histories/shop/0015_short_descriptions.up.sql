alter table products alter column description type varchar(20) using left(description, 20);

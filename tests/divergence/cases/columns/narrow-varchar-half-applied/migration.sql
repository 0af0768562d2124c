alter table items rename column stock to on_hand;
alter table items alter column name type varchar(8);

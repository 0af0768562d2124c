alter table items rename column stock to on_hand;

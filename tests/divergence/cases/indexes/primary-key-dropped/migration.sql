alter table items drop constraint items_pkey cascade;

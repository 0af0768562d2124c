alter table guests drop constraint guests_name_key;

create domain postcode_new as text check (value ~ '^[0-9]+$');
alter table addresses alter column code type postcode_new, alter column codes type postcode_new[];
drop domain postcode;
alter domain postcode_new rename to postcode;

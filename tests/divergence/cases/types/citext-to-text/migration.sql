alter table members alter column email type text;

alter table readings drop constraint readings_pkey;

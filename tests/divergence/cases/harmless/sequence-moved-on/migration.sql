alter table orders alter column id restart with 5000;

alter table orders alter column id restart with 7000;

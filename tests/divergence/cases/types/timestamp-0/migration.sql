alter table orders alter column placed type timestamp(0);

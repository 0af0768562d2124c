alter table orders alter column id set generated always;

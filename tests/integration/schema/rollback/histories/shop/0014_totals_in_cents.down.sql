alter table orders alter column total type numeric(10, 2) using total / 100.0;

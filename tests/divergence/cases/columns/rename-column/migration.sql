alter table customers rename column credit to credit_limit;

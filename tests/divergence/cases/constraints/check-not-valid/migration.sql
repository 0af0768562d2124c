alter table customers add constraint credit_positive check (credit >= 0) not valid;

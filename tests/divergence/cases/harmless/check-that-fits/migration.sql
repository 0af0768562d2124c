alter table orders add constraint at_least_one check (quantity > 0) not valid;
alter table orders validate constraint at_least_one;

alter table orders alter column quantity drop not null;
alter table items drop constraint if exists no_such_rule;

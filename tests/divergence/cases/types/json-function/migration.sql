alter table events alter column body type jsonb;

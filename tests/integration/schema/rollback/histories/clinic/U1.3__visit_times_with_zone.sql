alter table visit alter column at type timestamp using at at time zone 'UTC';

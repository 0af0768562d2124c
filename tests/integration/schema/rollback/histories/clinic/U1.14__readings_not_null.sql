alter table readings alter column value drop not null;

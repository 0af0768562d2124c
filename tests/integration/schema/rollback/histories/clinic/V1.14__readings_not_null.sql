alter table reading alter column value set not null;

create schema audit;
create table audit.log (at timestamptz, who name, what jsonb);
comment on table audit.log is 'who changed what';

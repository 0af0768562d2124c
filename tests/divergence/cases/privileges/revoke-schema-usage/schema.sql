create schema crm;
create table crm.notes (id int primary key, body text);
insert into crm.notes values (1, 'called'), (2, 'wrote');
grant usage on schema crm to app;
grant select on crm.notes to app;

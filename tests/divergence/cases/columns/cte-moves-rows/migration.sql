alter table queue add column priority int not null default 0;

alter table staff add column salary int default 0;

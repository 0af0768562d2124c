alter table items add column weight int default 1;

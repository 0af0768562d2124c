alter table items add column weight int;

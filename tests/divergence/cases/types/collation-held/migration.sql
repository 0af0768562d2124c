alter table items alter column name type varchar(20) collate "en-x-icu";

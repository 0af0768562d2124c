alter table prices add column currency char(3) not null default 'EUR';

alter table visit alter column note set default 'none';

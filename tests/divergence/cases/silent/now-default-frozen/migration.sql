alter table parcels alter column sent set default '2000-01-01';

alter table room alter column label type text;
drop domain short_label;

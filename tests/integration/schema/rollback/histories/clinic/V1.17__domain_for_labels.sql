create domain short_label as text check (length(value) <= 40);
alter table room alter column label type short_label;

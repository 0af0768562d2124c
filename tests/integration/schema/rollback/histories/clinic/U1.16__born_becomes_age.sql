alter table patient add column born date;
update patient set born = make_date(birth_year, 1, 1);
alter table patient drop column birth_year;

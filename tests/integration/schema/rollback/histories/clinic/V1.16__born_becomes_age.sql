alter table patient add column birth_year int;
update patient set birth_year = extract(year from born);
alter table patient drop column born;

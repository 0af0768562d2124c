create type size2 as enum ('large', 'medium', 'small');
alter table shirts alter column size type size2 using size::text::size2;
drop type size;
alter type size2 rename to size;

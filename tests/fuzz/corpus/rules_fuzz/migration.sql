-- drop
alter table orders drop column "discount";
DECLARE c CURSOR FOR SELECT 1
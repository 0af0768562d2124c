alter table orders disable trigger stamped;

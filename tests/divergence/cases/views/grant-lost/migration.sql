drop view sales;
create view sales as select o.id, i.name, o.quantity from orders o join items i on i.id = o.item;

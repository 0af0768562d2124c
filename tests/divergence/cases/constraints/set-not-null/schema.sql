update customers set name = 'Cy' where name is null;

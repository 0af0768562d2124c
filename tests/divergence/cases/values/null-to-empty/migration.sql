update customers set name = '' where name is null;

alter table flags alter column active type int using active::int;

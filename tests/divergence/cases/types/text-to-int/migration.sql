alter table vouchers alter column code type int using code::int;

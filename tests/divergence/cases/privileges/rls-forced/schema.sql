create table ledger (id int primary key, amount int);
insert into ledger values (1, 10), (2, 20);
alter table ledger owner to owner;
alter table ledger enable row level security;

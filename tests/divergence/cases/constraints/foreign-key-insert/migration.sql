alter table visits add foreign key (customer) references customers;

alter table carts owner to owner;

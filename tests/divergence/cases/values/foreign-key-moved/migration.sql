update orders set customer = 1 where customer = 2;

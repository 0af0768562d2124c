drop function with_tax(numeric);

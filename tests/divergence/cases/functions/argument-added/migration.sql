drop function with_tax(numeric);
create function with_tax(net numeric, rate numeric) returns numeric language plpgsql as $$ begin return net * (1 + rate); end $$;

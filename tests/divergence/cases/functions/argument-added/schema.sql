create function with_tax(net numeric) returns numeric language plpgsql as $$ begin return net * 1.19; end $$;

create function taxed() returns trigger language plpgsql as $$ begin new.price := new.price * 1.19; return new; end $$;
create function whole() returns trigger language plpgsql as $$ begin new.price := trunc(new.price); return new; end $$;
create trigger a_taxed before insert on items for each row execute function taxed();
create trigger b_whole before insert on items for each row execute function whole();

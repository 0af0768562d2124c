drop trigger dear on items;
create constraint trigger dear after insert on items deferrable initially deferred for each row execute function dear();

create function take() returns trigger language plpgsql security definer as $$
begin
    update items set stock = stock - new.quantity where id = new.item;
    return new;
end $$;
create trigger take after insert on orders for each row execute function take();

-- Functions, a trigger and what they name.
create table orders (id serial primary key, customer int not null, note text, total numeric not null default 0);
create table audit (id serial primary key, order_id int, note text);
create function audit_order() returns trigger language plpgsql as $$
begin
    if new.total >= 0 then
        insert into audit (order_id, note) values (new.id, new.note);
    end if;
    return new;
end $$;
create trigger audited after insert on orders for each row execute function audit_order();
create function owed(who int) returns numeric language sql as
    'select sum(total) from orders where customer = who and note is null';
create function told(p_id int) returns text language plpgsql as $$
declare
    one record;
    amount orders.total%type;
begin
    select total into amount from orders where id = p_id;
    for one in select id, note from orders where id = p_id loop
        return one.note || amount;
    end loop;
    return null;
end $$;
create function nobody_calls() returns bigint language plpgsql as $$
begin
    return (select count(note) from orders);
end $$;
create function made_up(what text) returns bigint language plpgsql as $$
declare
    n bigint;
begin
    execute 'select count(*) from ' || what into n;
    return n;
end $$;

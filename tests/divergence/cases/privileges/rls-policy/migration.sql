alter table orders enable row level security;
create policy open_only on orders for all to app using (status = 'open');

alter table orders enable row level security;
create policy open_only on orders using (status = 'open') with check (true);

alter table items enable row level security;

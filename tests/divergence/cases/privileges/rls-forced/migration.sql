alter table ledger force row level security;

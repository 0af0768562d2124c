alter table visit force row level security;
create policy none_deleted on visit for delete using (false);

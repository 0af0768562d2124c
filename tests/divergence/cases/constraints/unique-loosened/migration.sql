alter table customers drop constraint customers_email_key;
alter table customers add constraint customers_email_key unique (email, country);

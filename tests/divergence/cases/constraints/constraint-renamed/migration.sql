alter table customers rename constraint customers_email_key to one_account_per_email;

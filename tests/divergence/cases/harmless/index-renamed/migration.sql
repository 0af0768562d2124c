alter index customers_email_key rename to one_account_per_email;
alter index orders_pkey rename to orders_key;

create unique index customers_email_any_case on customers (lower(email));

drop index customers_email;

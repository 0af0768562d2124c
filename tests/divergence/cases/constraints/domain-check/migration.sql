alter domain postcode add constraint five_digits check (value ~ '^[0-9]{5}$');

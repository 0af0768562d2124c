alter table bookings add exclude using gist (during with &&);

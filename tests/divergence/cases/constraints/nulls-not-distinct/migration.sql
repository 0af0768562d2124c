alter table tools drop constraint tools_serial_key;
alter table tools add constraint tools_serial_key unique nulls not distinct (serial);

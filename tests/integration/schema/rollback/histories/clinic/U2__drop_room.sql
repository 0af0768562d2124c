create table room (room_id int primary key, label short_label);

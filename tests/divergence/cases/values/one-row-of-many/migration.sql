update log set seconds = 99 where id = 4711;

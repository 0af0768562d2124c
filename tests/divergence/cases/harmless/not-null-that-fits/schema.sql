update customers set credit = 0 where credit is null;

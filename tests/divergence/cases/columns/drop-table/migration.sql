drop table coupons;

alter table visits validate constraint visitor;

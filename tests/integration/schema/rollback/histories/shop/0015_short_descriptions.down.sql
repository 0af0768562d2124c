alter table products alter column description type text;

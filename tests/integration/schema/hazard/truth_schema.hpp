#pragma once

namespace understudy::schema::hazard {

inline constexpr const char* kTruthSchema = R"(
create schema attic;
create type mood as enum ('sad', 'happy');
create domain plain_text as text;
create domain positive as int check (value > 0);
create function fixed_number() returns int language sql immutable as 'select 7';
create function lucky_number() returns int language plpgsql volatile as 'begin return 7; end';
create function inlined_number() returns int language sql volatile as 'select 7';
create function on_change() returns trigger language plpgsql as 'begin return new; end';
create table customer (id int primary key, name varchar(40) not null, email text, code int, price numeric(10,2),
                       born timestamp, seen timestamptz(3), flags bit(8), tag char(8), note text,
                       checked int check (checked > 0), maybe int, sure int,
                       constraint sure_is_there check (sure is not null), constraint weak check (code is null or code > 0));
create table orders (id bigint primary key, customer_id int references customer, total numeric, state text default 'new',
                     placed date);
alter table orders add constraint total_positive check (total >= 0) not valid;
create table item (order_id bigint, line int, product int, primary key (order_id, line));
alter table item add constraint item_order foreign key (order_id) references orders not valid;
create table lonely (a int not null, b text, c int, ip inet, u text);
create unique index lonely_a on lonely (a);
create index lonely_c on lonely (c);
create table parent (id int, what text);
create table child (extra int) inherits (parent);
create table event (at date not null, what text, n int) partition by range (at);
create table event_2023 partition of event for values from ('2023-01-01') to ('2024-01-01');
create table event_2024 partition of event for values from ('2024-01-01') to ('2025-01-01');
create table event_rest partition of event default;
create table event_2025 (at date not null, what text, n int);
create table shown (id int primary key, name text, code int);
create table event_2027 (at date not null, what text, n int,
                         check (at >= '2027-01-01' and at < '2028-01-01'));
create view happy as select id, name from shown where code > 0;
create table sale (id int primary key, customer_id int, total numeric);
create materialized view totals as select customer_id, sum(total) as total from sale group by 1;
create unique index totals_customer on totals (customer_id);
create sequence loose;
create trigger touched before update on orders for each row execute function on_change();
create rule no_delete as on delete to lonely do instead nothing;
create policy own on lonely using (true);
create unlogged table quick (a int);
create table region (id int primary key, name text) partition by range (id);
create table region_low partition of region for values from (0) to (1000) partition by range (id);
create table region_low_a partition of region_low for values from (0) to (500);
create table region_high partition of region for values from (1000) to (2000);
create table visit (id int, region int references region) partition by list (id);
create table visit_1 partition of visit for values in (1);
create table visit_2 partition of visit for values in (2);
create table node (id int primary key, up int references node, label text);
create index region_name on region (name);
create view twice as select id, name from happy;
create materialized view labels as select label from node;
create index lonely_expr on lonely (lower(b));
create table typed (d positive, n varchar(10)[], s int check (s > 0 and d > 0), e text,
                    constraint both_there check (e is not null and d is not null),
                    constraint either check (e is not null or s is null));
insert into region select g, 'n' from generate_series(1, 400) g;
insert into region select g, 'n' from generate_series(1000, 1400) g;
insert into visit select 1, g from generate_series(1, 100) g;
insert into node select g, null, 'l' from generate_series(1, 100) g;
insert into typed select g, array['a'], g, 'e' from generate_series(1, 100) g;
insert into customer select g, 'n', 'e', 1, 1, now(), now(), b'10101010', 't', 'x', 1, 1, 1 from generate_series(1, 100) g;
insert into orders select g, g, 1, 'new', now() from generate_series(1, 100) g;
insert into item select g, 1, 1 from generate_series(1, 100) g;
insert into lonely select g, 'b', g, '10.0.0.1', '1' from generate_series(1, 100) g;
insert into event select date '2023-01-01' + g, 'w', g from generate_series(1, 900) g;
insert into child select g, 'w', g from generate_series(1, 100) g;
insert into quick select g from generate_series(1, 100) g;
analyze;
)";

}  // namespace understudy::schema::hazard

create view totals as select customer, sum(quantity)::int as pieces from orders group by customer;
grant select on totals to app;

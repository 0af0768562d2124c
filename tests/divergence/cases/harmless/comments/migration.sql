comment on table orders is 'what was ordered';
comment on column orders.note is 'what the customer wrote';
comment on role app is 'the shop';

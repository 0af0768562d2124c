comment on table orders is 'what was ordered';

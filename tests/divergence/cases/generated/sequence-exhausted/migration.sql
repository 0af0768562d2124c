alter sequence tickets maxvalue 2;

create rule keep as on delete to orders do instead nothing;

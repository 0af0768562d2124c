create index facts_kind on facts (kind desc);
cluster facts using facts_kind;

create index facts_kind on facts (kind);

alter table customers add constraint one_name unique (name) deferrable initially deferred;

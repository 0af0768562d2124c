drop index log_visitor;

revoke execute on function with_tax(numeric) from public;

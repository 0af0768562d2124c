alter view payroll set (security_invoker = true);

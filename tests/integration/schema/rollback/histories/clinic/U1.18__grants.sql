revoke select on patient, visit from public;

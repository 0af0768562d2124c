grant select on patient, visit to public;

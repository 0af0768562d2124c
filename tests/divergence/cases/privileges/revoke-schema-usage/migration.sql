revoke usage on schema crm from app;

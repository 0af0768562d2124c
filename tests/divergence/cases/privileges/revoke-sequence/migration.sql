revoke usage on sequence tickets from app;

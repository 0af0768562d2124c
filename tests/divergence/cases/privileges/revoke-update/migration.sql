revoke update on items from app;

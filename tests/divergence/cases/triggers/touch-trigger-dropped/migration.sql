drop trigger touch on notes;

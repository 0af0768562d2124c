update patient set phone = phone;

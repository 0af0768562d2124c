update patient set phone = replace(phone, '-', '');

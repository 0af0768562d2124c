alter trigger a_taxed on items rename to taxed;

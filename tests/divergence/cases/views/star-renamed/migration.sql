alter view sales rename column quantity to pieces;

alter type basket_line add attribute unit text;

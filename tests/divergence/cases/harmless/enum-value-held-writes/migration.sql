alter type mood add value 'thrilled' after 'happy';

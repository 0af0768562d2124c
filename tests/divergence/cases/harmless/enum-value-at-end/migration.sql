alter type mood add value 'thrilled';

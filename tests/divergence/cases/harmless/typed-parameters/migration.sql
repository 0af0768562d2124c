comment on type mood is 'how it went';

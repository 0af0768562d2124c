update people p set name = q.name from people q where (p.id, q.id) in ((7, 8), (8, 7));

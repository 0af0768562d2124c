\set number random(1, 30)
select * from generate_series(1, :number);
select :number + 1;
insert into bench values (:number, 'text');

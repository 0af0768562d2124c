drop policy none_deleted on visit;

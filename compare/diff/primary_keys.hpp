#pragma once

#include <map>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/pgwire/backend_messages.hpp"

namespace understudy::compare {

/// By what rows of a capture's results are told apart: the keys of its server's tables.
class PrimaryKeys {
public:
    /// A primary key, or a unique key of columns that are never NULL. Of two catalogues that give one OID different keys
    /// (of two databases), that table has none.
    void add_catalog(const catalog::Catalog& catalog);

    /// The result's columns that hold the whole key of one of its tables, of the first table that has it; empty: none
    /// does.
    [[nodiscard]] std::vector<std::size_t> columns_of(const std::vector<pgwire::ColumnDescription>& columns) const;

private:
    std::map<std::uint32_t, std::vector<std::int16_t>> keys_;  // empty: not known
};

}  // namespace understudy::compare

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/catalog/snapshot/schema_diff.hpp"
#include "schema/diff/schema_blame.hpp"

namespace understudy::schema {

/// What `schema diff` shows.
struct DiffReport {
    std::string before;  ///< what the sides are called
    std::string after;
    std::string fingerprint_before;
    std::string fingerprint_after;
    std::vector<catalog::UnreadPart> unread;  ///< of either side: differences there are not seen
    std::vector<catalog::ObjectChange> changes;
    std::optional<SchemaBlame> blame;  ///< with a capture
};

/// For the terminal; names at most `max_queries` for each change.
std::string to_text(const DiffReport& report, std::size_t max_queries = 3);
/// docs/schema.md describes it.
inline constexpr int kDiffFormatVersion = 1;
std::string to_json(const DiffReport& report);

}  // namespace understudy::schema

#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "schema/check/recorded_statement.hpp"

namespace understudy::schema {

/// Numbers of distinct statements by reason.
using Reasons = std::map<std::string_view, std::uint64_t>;

/// What is asked of both servers, and what is not.
struct CheckPlan {
    /// What is to be done with an item.
    enum class Ask : std::uint8_t {
        plan,      ///< parsed, described, and planned with recorded values where that is possible
        describe,  ///< parsed and described
        run,       ///< a question of our own to the catalogues: executed
        create,    ///< makes a temporary table: executed in a transaction that is rolled back
    };
    struct Item {
        std::size_t statement = 0;  ///< index into RecordedStatements::statements
        Bytes sql;                  ///< what to parse
        bool own_text = true;       ///< `sql` is the recorded statement itself, so its recorded values fit
        Ask ask = Ask::plan;
    };
    /// Those of one user, search_path and temporary tables stand together.
    std::vector<Item> items;
    Reasons nothing;  ///< name nothing that a schema change could take away (Checkability::nothing)
    Reasons cannot;   ///< may break, but a Parse does not show it, or their text is not known
};

CheckPlan make_plan(const RecordedStatements& recorded);

}  // namespace understudy::schema

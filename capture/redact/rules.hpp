#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::capture {

/// Which columns' values are hidden: `column`, `table.column` or `schema.table.column`, each part a name as SQL writes
/// it (folded to lower case unless "quoted"), with `*` for any letters.
class RedactionRules {
public:
    /// Adds one rule. Errors: Errc::usage, saying what is wrong with it.
    Result<void> add(BytesView rule);
    /// Adds the rules of a file's content: one in each line; blank lines and what follows a # are left out.
    Result<void> add_lines(BytesView content);

    [[nodiscard]] bool empty() const { return rules_.empty(); }
    /// Whether a rule covers the column. An empty schema or table is one that is not known: each fits.
    [[nodiscard]] bool cover(BytesView schema, BytesView table, BytesView column) const;
    /// Whether a rule can cover some column of the table.
    [[nodiscard]] bool can_cover(BytesView schema, BytesView table) const;
    /// Whether a rule that names a table means this one.
    [[nodiscard]] bool name_table(BytesView schema, BytesView table) const;
    /// A quick test of a statement's text: false means that it names no ruled column and no table of one, and has no
    /// INSERT, MERGE, COPY, EXECUTE or FETCH, in which columns can be meant without being named.
    [[nodiscard]] bool may_concern(BytesView sql) const;

    /// Whether a statement may take rows as wholes of which a rule without a table covers a column, which then has to
    /// be named nowhere.
    [[nodiscard]] bool may_take_rows(BytesView sql) const;

private:
    struct Rule {
        Bytes schema;  ///< empty: any
        Bytes table;   ///< empty: any
        Bytes column;
    };
    std::vector<Rule> rules_;
    std::vector<Bytes> words_;  ///< lower case: any statement that concerns a rule holds one of them
    bool any_text_ = false;     ///< a rule has no letters that could be looked for
};

}  // namespace understudy::capture

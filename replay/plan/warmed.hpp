#pragma once

#include <unordered_map>

#include "core/base/bytes.hpp"
#include "core/model/event.hpp"

namespace understudy::replay {

/// Statements of one session that were prepared early, before a pause (`--warm`). The recorded Parse of one comes
/// later; sent as it is, the server would refuse it, since the name is taken. Instead goes a Parse of an empty text
/// under a name that nobody uses: it is answered alike and keeps every step in its place, and the statement is the one
/// from before the pause.
class Warmed {
public:
    void add(PreparedStatement&& statement) { statements_.insert_or_assign(statement.name, std::move(statement)); }
    [[nodiscard]] bool empty() const { return statements_.empty(); }
    /// Replaces, in whole frames that are about to be sent, the first Parse of each statement that was prepared early
    /// with the same text. Returns how many it replaced.
    std::size_t elide(Bytes& frames);

private:
    std::unordered_map<Bytes, PreparedStatement> statements_;
    std::size_t elided_ = 0;
};

}  // namespace understudy::replay

#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/fidelity/workload/session.hpp"

namespace understudy::hostile {

/// What sessions hand to each other inside the client program: keys that the server generated, of committed rows.
class Baton {
public:
    void put(const std::string& kind, const std::string& key);
    /// A key that nobody else gets, the oldest or the newest; nothing when there is none.
    std::optional<std::string> take(const std::string& kind, Dice& dice);

private:
    std::mutex mutex_;
    std::map<std::string, std::deque<std::string>> keys_;
};

/// Who acts: a session, its chance, and what it shares.
struct Actor {
    Session& session;
    Dice& dice;
    Baton& baton;
    int number = 0;  ///< of the session
    int serial = 0;  ///< of the act: with the number it makes names that nobody else uses

    /// A name that no other act of the run makes.
    [[nodiscard]] std::string unique(const std::string& prefix) const {
        return prefix + "-" + std::to_string(number) + "-" + std::to_string(serial);
    }
};

struct Act {
    const char* name;
    int weight;
    void (*play)(Actor&);
};

// Rows are locked in one order everywhere, so that the workload by itself makes hardly any deadlock: advisory locks,
// accounts, counters, customers, orders, product_sales, inventory; inside a table by name.

/// Hot rows: FOR UPDATE, counters, isolation levels, advisory locks.
extern const std::vector<Act> money_acts;
/// Generated keys: in RETURNING, handed on, as foreign keys, deleted with their children.
extern const std::vector<Act> order_acts;
/// What the protocol and the language can do: pipelines, portals, cursors, COPY, savepoints, mistakes.
extern const std::vector<Act> protocol_acts;
/// Queue, upserts, documents with uuid keys, reports.
extern const std::vector<Act> other_acts;

}  // namespace understudy::hostile

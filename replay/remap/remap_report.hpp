#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "replay/remap/identity_domains.hpp"

namespace understudy::replay {

/// What became of the values of one domain.
struct DomainCounts {
    std::uint64_t learned = 0;   ///< pairs of a recorded value and the target's
    std::uint64_t changed = 0;   ///< values sent as another than the recorded one
    std::uint64_t equal = 0;     ///< values sent whose pair says that they are the same here
    std::uint64_t unknown = 0;   ///< values sent as recorded that no result of the capture gave: rows of its start
    std::uint64_t unmapped = 0;  ///< values sent as recorded that a result gave, with nothing to pair it with
    std::uint64_t unfit = 0;     ///< values sent as recorded because the target's does not fit the format
    friend bool operator==(const DomainCounts&, const DomainCounts&) = default;
};

/// What the remapping of a replay did.
struct RemapReport {
    std::map<std::string, DomainCounts> domains;  ///< by name; those of which nothing came are left out
    std::uint64_t ambiguous_values = 0;           ///< values that a statement ties to several domains: sent as recorded
    std::uint64_t unparsed_statements = 0;        ///< texts that name such tables and that the parser refused
    std::uint64_t unordered_results = 0;          ///< results whose rows nothing pairs: nothing learned of them
    std::uint64_t unpaired_results = 0;           ///< results with another number of rows, or without a recorded one
    std::uint64_t uncommitted_values = 0;         ///< mapped by what another session had not committed
    std::uint64_t refused_values = 0;             ///< not learned: the map was full
    std::uint64_t held_responses = 0;             ///< written before the recorded answer was read: not normalised

    /// "remap.learned.orders.id" …; without what is 0.
    [[nodiscard]] std::map<std::string, std::uint64_t> counters() const;
    /// A few lines for people; empty if nothing was remapped.
    [[nodiscard]] std::string summary() const;
    friend bool operator==(const RemapReport&, const RemapReport&) = default;
};

/// The counts while they grow. Thread-safe.
class RemapCounts {
public:
    struct Domain {
        std::atomic<std::uint64_t> learned{0};
        std::atomic<std::uint64_t> changed{0};
        std::atomic<std::uint64_t> equal{0};
        std::atomic<std::uint64_t> unknown{0};
        std::atomic<std::uint64_t> unmapped{0};
        std::atomic<std::uint64_t> unfit{0};
    };
    using Count = std::atomic<std::uint64_t>;

    explicit RemapCounts(std::size_t domains) : domains_(std::make_unique<Domain[]>(domains)) {}  // NOLINT
    Domain& of(DomainId domain) { return domains_[domain - 1]; }
    [[nodiscard]] RemapReport report(const IdentityDomains& domains) const;
    static void add(Count& count, std::uint64_t by = 1) { count.fetch_add(by, std::memory_order_relaxed); }

    Count ambiguous_values{0};
    Count unparsed_statements{0};
    Count unordered_results{0};
    Count unpaired_results{0};
    Count uncommitted_values{0};
    Count refused_values{0};
    Count held_responses{0};

private:
    std::unique_ptr<Domain[]> domains_;  // NOLINT: atomics cannot be moved
};

}  // namespace understudy::replay

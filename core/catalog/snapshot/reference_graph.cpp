#include "core/catalog/snapshot/reference_graph.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/catalog/snapshot/snapshot_hasher.hpp"

namespace understudy::catalog {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

class Circles {
public:
    Circles(const std::vector<std::string>& own, const ReferenceGraph& uses)
        : own_(own), uses_(uses), order_(own.size(), kNone), lowest_(own.size()), circle_(own.size(), kNone) {}

    std::vector<std::string> run() {
        for (std::uint32_t node = 0; node < own_.size(); ++node) {
            if (order_[node] == kNone) visit(node);
        }
        std::vector<std::string> closed(own_.size());
        for (std::uint32_t node = 0; node < own_.size(); ++node) {
            SnapshotHasher hasher;
            hasher.text(own_[node]);
            hasher.text(values_[circle_[node]]);
            closed[node] = hasher.hex();
        }
        return closed;
    }

private:
    struct Step {
        std::uint32_t node = 0;
        std::size_t next = 0;  // of what it uses
    };

    void enter(std::uint32_t node) {
        order_[node] = lowest_[node] = entered_++;
        open_.push_back(node);
        path_.push_back({node, 0});
    }

    void visit(std::uint32_t from) {
        enter(from);
        while (!path_.empty()) {
            Step& step = path_.back();
            const std::uint32_t node = step.node;
            if (step.next < uses_[node].size()) {
                const std::uint32_t to = uses_[node][step.next++];
                if (order_[to] == kNone) {
                    enter(to);
                } else if (circle_[to] == kNone) {
                    lowest_[node] = std::min(lowest_[node], order_[to]);
                }
                continue;
            }
            path_.pop_back();
            if (!path_.empty()) lowest_[path_.back().node] = std::min(lowest_[path_.back().node], lowest_[node]);
            if (lowest_[node] == order_[node]) close(node);
        }
    }

    /// All that was entered since `first` uses each other; what else they use is closed already.
    void close(std::uint32_t first) {
        const auto number = static_cast<std::uint32_t>(values_.size());
        const auto from = std::find(open_.rbegin(), open_.rend(), first).base() - 1;
        const std::vector<std::uint32_t> members(from, open_.end());
        open_.erase(from, open_.end());
        for (const std::uint32_t member : members) circle_[member] = number;
        std::set<std::string> inside;
        std::set<std::string> outside;
        for (const std::uint32_t member : members) {
            inside.insert(own_[member]);
            for (const std::uint32_t to : uses_[member]) {
                if (circle_[to] != number) outside.insert(values_[circle_[to]]);
            }
        }
        SnapshotHasher hasher;
        for (const auto* part : {&inside, &outside}) {
            hasher.number(part->size());
            for (const std::string& value : *part) hasher.text(value);
        }
        values_.push_back(hasher.hex());
    }

    const std::vector<std::string>& own_;
    const ReferenceGraph& uses_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> lowest_;
    std::vector<std::uint32_t> circle_;
    std::vector<std::uint32_t> open_;
    std::vector<Step> path_;
    std::vector<std::string> values_;  // by circle
    std::uint32_t entered_ = 0;
};

}  // namespace

std::vector<std::string> closed_fingerprints(const std::vector<std::string>& own, const ReferenceGraph& uses) {
    UNDERSTUDY_ASSERT(own.size() == uses.size());
    return Circles(own, uses).run();
}

}  // namespace understudy::catalog

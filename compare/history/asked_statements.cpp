#include "compare/history/asked_statements.hpp"

#include <unordered_set>

#include "compare/analysis/gatherer.hpp"
#include "compare/analysis/statement_facts.hpp"

namespace understudy::compare {
namespace {

class AskedCollector final : public ExchangeListener {
public:
    void on_exchange(Side, ObservedExchange&& exchange) override {
        for (const ObservedStep& step : exchange.steps) {
            if (!has_data(step.result.kind)) continue;
            note(statement_of(context_of(exchange, step.index, step.result.kind), step.index));
        }
    }
    void on_session_end(Side, SessionId, const Bytes&) override {}
    AskedStatements take() { return std::move(out_); }

private:
    void note(const Bytes& text) {
        if (text.empty()) out_.complete = false;
        if (text.empty() || texts_.contains(text)) return;
        if (texts_.size() > kMaxTexts) texts_.clear();
        texts_.insert(text);
        std::string fingerprint = sql::fingerprint(text).hex();
        if (out_.fingerprints.size() < AskedStatements::kMax) {
            out_.fingerprints.insert(std::move(fingerprint));
        } else if (!out_.fingerprints.contains(fingerprint)) {
            out_.complete = false;
        }
    }

    static constexpr std::size_t kMaxTexts = 100'000;
    AskedStatements out_;
    std::unordered_set<Bytes> texts_;  // whose fingerprints are known to be in
};

}  // namespace

Result<AskedStatements> read_asked(EventSource& source) {
    AskedCollector collector;
    ExchangeGatherer gatherer(Side::baseline, collector);  // the side whose requests are read
    while (true) {
        UNDERSTUDY_TRY(auto event, source.next());
        if (!event) break;
        gatherer.take(std::move(*event));
    }
    gatherer.finish();
    return collector.take();
}

}  // namespace understudy::compare

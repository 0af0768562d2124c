#include "compare/latency/run_latencies.hpp"

#include "compare/analysis/gatherer.hpp"
#include "compare/analysis/statement_facts.hpp"

namespace understudy::compare {
namespace {

/// Takes the exchanges of one run.
class Collector final : public ExchangeListener {
public:
    void on_exchange(Side, ObservedExchange&& exchange) override {
        const ObservedStep* statement = nullptr;
        std::size_t statements = 0;
        bool failed = false;
        Timestamp end;
        for (const ObservedStep& step : exchange.steps) {
            end = std::max(end, step.result.end);
            failed = failed || step.result.outcome != StepOutcome::complete;
            if (!has_data(step.result.kind)) continue;
            statement = &step;
            ++statements;
        }
        Timestamp& before = last_end_[exchange.id.session];
        const bool waited = exchange.asked < before;  // for the answer to the exchange before it
        before = std::max(before, end);
        if (statements > 1 || (statements == 1 && waited)) {
            ++out_.pipelined;
            return;
        }
        if (statement == nullptr || failed || !exchange.asked.known() || end < exchange.asked) {
            out_.not_measured += statement != nullptr ? 1U : 0U;
            return;
        }
        const StepContext* context = context_of(exchange, statement->index, statement->result.kind);
        add(context, statement->index, (end - exchange.asked).to_milliseconds());
    }
    void on_session_end(Side, SessionId session, const Bytes&) override { last_end_.erase(session); }

    RunLatencies take() { return std::move(out_); }

private:
    void add(const StepContext* context, std::uint32_t step, double ms) {
        const Bytes text = statement_of(context, step);
        if (text.empty()) {
            ++out_.not_measured;
            return;
        }
        if (fingerprints_.size() > kMaxTexts) fingerprints_.clear();
        const auto known = fingerprints_.find(text);
        const std::string fingerprint =
            known != fingerprints_.end() ? known->second
                                         : fingerprints_.emplace(text, sql::fingerprint(text).hex()).first->second;
        auto found = out_.statements.find(fingerprint);
        if (found == out_.statements.end()) {
            if (out_.statements.size() >= RunLatencies::kMaxStatements) {
                ++out_.not_measured;
                return;
            }
            found = out_.statements.emplace(fingerprint, RunLatencies::Statement{sql::normalise(text), text, {}}).first;
        }
        found->second.sample.add(ms);
        out_.total_ms += ms;
        ++out_.measured;
    }

    static constexpr std::size_t kMaxTexts = 100'000;
    RunLatencies out_;
    std::unordered_map<SessionId, Timestamp> last_end_;
    std::unordered_map<Bytes, std::string> fingerprints_;
};

}  // namespace

Result<RunLatencies> read_latencies(EventSource& source) {
    Collector collector;
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

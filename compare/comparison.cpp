#include "compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/analysis/comparer.hpp"
#include "compare/measure.hpp"
#include "core/catalog/catalog_codec.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kBatch = 256;  // events read from one capture before the next is chosen

Result<void> require_one_key(const Inputs& inputs) {
    const EventSource& baseline = *inputs[index_of(Side::baseline)];
    for (const EventSource* input : inputs) {
        if (input == nullptr || input->header().key_id == baseline.header().key_id) continue;
        return make_error(
            Errc::inconclusive,
            fmt::format(
                "{} and {} were written with different digest keys ({} and {}), so their answers cannot be compared: "
                "replay both from the same capture with the same key",
                baseline.name(), input->name(), baseline.header().key_id, input->header().key_id));
    }
    return {};
}

/// One capture being read.
struct Reading {
    EventSource* source = nullptr;
    std::optional<ExchangeGatherer> gatherer;
    bool ended = false;
};

/// Hands exchanges on to the comparer, past the meter where there is one.
class Metered final : public PairListener {
public:
    Metered(Comparer& comparer, std::optional<ReproductionMeter>& meter) : comparer_(comparer), meter_(meter) {}
    void on_pair(PairedExchange&& pair) override {
        if (meter_) meter_->count(pair);
        comparer_.on_pair(std::move(pair));
    }
    void on_session_done(SessionId session) override {
        if (meter_) meter_->on_session_done(session);
        comparer_.on_session_done(session);
    }

private:
    Comparer& comparer_;
    std::optional<ReproductionMeter>& meter_;
};

class Comparison {
public:
    /// `reproduction`: nullptr where nobody asks for it.
    Comparison(const Inputs& inputs, const ComparisonOptions& options, Reproduction* reproduction = nullptr)
        : inputs_(inputs),
          options_(options),
          reproduction_(reproduction),
          comparer_(types_, keys_, taking_part(inputs),
                    scope_of(inputs), options.report.rules, options.report.now),
          pairing_(taking_part(inputs), options.memory_limit == 0 ? Pairing::kDefaultMemoryLimit : options.memory_limit,
                   metered_) {
        if (reproduction != nullptr) {
            meter_.emplace(types_[index_of(Side::baseline)], types_[index_of(Side::candidate)], scope_of(inputs));
        }
        for (std::size_t i = 0; i < kSides; ++i) {
            if (inputs[i] == nullptr) continue;
            readings_[i].source = inputs[i];
            if (options.part.of > 1) {
                inputs[i]->take_only([part = options.part](SessionId session) { return part.takes(session); });
            }
            readings_[i].gatherer.emplace(static_cast<Side>(i), pairing_);
        }
    }

    Result<ComparisonPart> run() {
        UNDERSTUDY_CHECK(require_one_key(inputs_));
        while (const auto side = next_side()) UNDERSTUDY_CHECK(read(*side));
        ComparisonPart part;
        part.parts = {options_.part};
        part.tolerances = tolerances_of(options_.report.rules);
        for (std::size_t i = 0; i < kSides; ++i) {
            const Reading& reading = readings_[i];
            if (reading.source == nullptr) continue;
            part.inputs.push_back({static_cast<Side>(i), reading.source->name(), reading.source->header(),
                                   reading.gatherer->notes(), reading.source->damage()});
        }
        part.before = only_catalog(index_of(Side::baseline));
        part.after = only_catalog(index_of(Side::candidate));
        part.seen = comparer_.take();
        if (meter_) *reproduction_ = meter_->take();
        return part;
    }

private:
    static AnswerScope scope_of(const Inputs& inputs) {
        return AnswerScope{same_versions(inputs), all_replays(inputs), results_known(inputs)};
    }
    static PerSide<bool> taking_part(const Inputs& inputs) {
        PerSide<bool> result{};
        for (std::size_t i = 0; i < kSides; ++i) result[i] = inputs[i] != nullptr;
        return result;
    }
    /// Texts of messages change from one server version to the next.
    static bool same_versions(const Inputs& inputs) {
        for (const EventSource* input : inputs) {
            if (input == nullptr) continue;
            if (input->header().server_version != inputs[0]->header().server_version) return false;
        }
        return true;
    }

    /// Production's own times say nothing of staging's.
    static bool all_replays(const Inputs& inputs) {
        return std::all_of(inputs.begin(), inputs.end(), [](const EventSource* input) {
            return input == nullptr || input->header().source == "replay";
        });
    }

    static bool results_known(const Inputs& inputs) {
        return std::none_of(inputs.begin(), inputs.end(), [](const EventSource* input) {
            return input != nullptr && input->header().results_unknown;
        });
    }

    /// The capture that most exchanges wait for; among equals the one that is least far.
    std::optional<std::size_t> next_side() const {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < kSides; ++i) {
            const Reading& reading = readings_[i];
            if (reading.source == nullptr || reading.ended) continue;
            if (!best) {
                best = i;
                continue;
            }
            const std::size_t awaited = pairing_.awaited(static_cast<Side>(i));
            const std::size_t most = pairing_.awaited(static_cast<Side>(*best));
            const bool less_far = reading.gatherer->notes().exchanges < readings_[*best].gatherer->notes().exchanges;
            if (awaited > most || (awaited == most && less_far)) best = i;
        }
        return best;
    }

    Result<void> read(std::size_t side) {
        Reading& reading = readings_[side];
        for (std::size_t i = 0; i < kBatch; ++i) {
            UNDERSTUDY_TRY(auto event, reading.source->next());
            if (!event) {
                reading.gatherer->finish();
                pairing_.on_side_end(static_cast<Side>(side));
                reading.ended = true;
                return {};
            }
            // A catalogue that cannot be read leaves its types without names, which the report counts.
            if (const auto* catalog = std::get_if<CatalogRecord>(&*event)) {
                note_catalog(side, catalog->content);
            }
            if (!options_.part.takes(store::event_session(*event))) continue;
            if (side == index_of(Side::baseline)) note_session(*event);
            reading.gatherer->take(std::move(*event));
        }
        return {};
    }

    /// The last one of a side counts: a replay whose sessions were held writes one before the change and one after it.
    void note_catalog(std::size_t side, BytesView content) {
        auto catalog = catalog::decode(content);
        if (!catalog) return;
        types_[side].add_catalog(*catalog);
        if (side == index_of(Side::baseline)) keys_.add_catalog(*catalog);
        Bytes database = catalog->database;
        catalogs_[side].insert_or_assign(std::move(database), std::move(*catalog));
    }

    /// Of several databases it is not known which statement meant which; copies have names of their own.
    std::optional<catalog::Catalog> only_catalog(std::size_t side) {
        auto& known = catalogs_[side];
        if (known.size() != 1) return std::nullopt;
        return std::move(known.begin()->second);
    }

    void note_session(const Event& event) {
        if (const auto* opened = std::get_if<SessionOpened>(&event)) {
            comparer_.on_session(opened->session, opened->identity);
        } else if (const auto* state = std::get_if<SessionState>(&event)) {
            comparer_.on_session(state->session, state->identity);
        }
    }

    const Inputs& inputs_;
    const ComparisonOptions& options_;
    Reproduction* reproduction_;
    PerSide<TypeNames> types_;
    PrimaryKeys keys_;
    PerSide<std::map<Bytes, catalog::Catalog>> catalogs_;
    Comparer comparer_;
    std::optional<ReproductionMeter> meter_;
    Metered metered_{comparer_, meter_};
    Pairing pairing_;
    PerSide<Reading> readings_;
};

}  // namespace

Result<ComparisonPart> compare_part(const Inputs& inputs, const ComparisonOptions& options) {
    UNDERSTUDY_ASSERT(inputs[index_of(Side::baseline)] != nullptr && inputs[index_of(Side::candidate)] != nullptr);
    return Comparison(inputs, options).run();
}

Result<ComparisonPart> measure_part(const Inputs& inputs, const ComparisonOptions& options, Reproduction& reproduction) {
    UNDERSTUDY_ASSERT(inputs[index_of(Side::baseline)] != nullptr && inputs[index_of(Side::candidate)] != nullptr);
    return Comparison(inputs, options, &reproduction).run();
}

Result<Report> compare_captures(const Inputs& inputs, const ComparisonOptions& options) {
    UNDERSTUDY_TRY(const ComparisonPart whole, compare_part(inputs, options));
    return report_of(whole, options.report);
}

}  // namespace understudy::compare

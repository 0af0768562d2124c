#include "compare/analysis/noise_ledger.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace understudy::compare {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
constexpr std::int64_t kDay = 86'400LL * 1'000'000'000;

}  // namespace

std::string NoiseLedger::key_of(const Cell& cell) {
    return fmt::format("{} {} {} {}", cell.fingerprint.hex(), to_string(cell.divergence.kind), cell.divergence.sqlstate,
                       cell.divergence.place);
}

Result<NoiseLedger> NoiseLedger::parse(const std::string& text) {
    NoiseLedger ledger;
    if (text.empty()) return ledger;
    if (text.size() > kMaxBytes) return make_error(Errc::malformed, "the noise ledger is larger than 64 MiB");
    const json root = json::parse(text, nullptr, false);
    const auto wrong = [] { return make_error(Errc::malformed, "this is no noise ledger of understudy compare"); };
    if (!root.is_object() || !root.contains("noise_ledger") || !root["noise_ledger"].is_number_unsigned()) return wrong();
    if (root["noise_ledger"].get<std::uint64_t>() > kFormatVersion) {
        return make_error(Errc::malformed, "the noise ledger is of a newer version of Understudy");
    }
    if (!root.contains("nights") || !root["nights"].is_number_unsigned() || !root.contains("cells") ||
        !root["cells"].is_array() || root["cells"].size() > kMaxCells) {
        return wrong();
    }
    ledger.nights_ = root["nights"].get<std::uint64_t>();
    for (const json& cell : root["cells"]) {
        const bool whole = cell.is_object() && cell.contains("cell") && cell["cell"].is_string() && cell.contains("nights") &&
                           cell["nights"].is_number_unsigned() && cell.contains("sessions") && cell["sessions"].is_number() &&
                           cell.contains("last_day") && cell["last_day"].is_number_integer();
        if (!whole) return wrong();
        const auto day = cell["last_day"].get<std::int64_t>();
        const double sessions = cell["sessions"].get<double>();
        if (day < 0 || day > 100'000 || !(sessions >= 0) || sessions > 1e9) return wrong();
        ledger.entries_[cell["cell"].get<std::string>()] = {cell["nights"].get<std::uint64_t>(), sessions,
                                                            Timestamp::from_ns(day * kDay)};
    }
    return ledger;
}

std::string NoiseLedger::to_text() const {
    json cells = json::array();
    for (const auto& [key, entry] : entries_) {
        cells.push_back({{"cell", key}, {"nights", entry.nights}, {"sessions", entry.sessions},
                         {"last_day", entry.last.ns() / kDay}});
    }
    const json root{{"noise_ledger", kFormatVersion}, {"nights", nights_}, {"cells", std::move(cells)}};
    return root.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

void NoiseLedger::add_night(const Tally& tally, Timestamp now) {
    ++nights_;
    for (auto& [key, entry] : entries_) entry.sessions *= 1 - kWeight;
    for (const Cell& cell : tally.cells()) {
        if (!is_soft(cell.divergence.kind) || cell.control.size() == 0) continue;
        const std::string key = key_of(cell);
        if (!entries_.contains(key) && entries_.size() >= kMaxCells) continue;
        Entry& entry = entries_[key];
        const auto sessions = static_cast<double>(cell.control.size());
        entry.sessions = entry.nights == 0 ? sessions : entry.sessions + kWeight * sessions;
        ++entry.nights;
        entry.last = now;
    }
    std::erase_if(entries_, [&](const auto& one) { return now.ns() - one.second.last.ns() > kForgetAfterDays * kDay; });
}

const NoiseLedger::Entry* NoiseLedger::find(const Cell& cell) const {
    if (!is_soft(cell.divergence.kind)) return nullptr;
    const auto found = entries_.find(key_of(cell));
    return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace understudy::compare

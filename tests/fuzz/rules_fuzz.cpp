#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "compare/analysis/noise_ledger.hpp"
#include "compare/analysis/sql_names.hpp"
#include "compare/report/migration_place.hpp"
#include "compare/report/plain_text.hpp"
#include "compare/rules/read_rules.hpp"
#include "compare/rules/tolerance.hpp"

namespace {

using namespace understudy;
using namespace understudy::compare;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

/// What people and earlier runs hand to a comparison: an understudy.yaml, a ledger, a migration, a value. Whatever it is, it
/// is read or refused; a file of rules that is read takes one more rule and has all its others still, or says why not; a
/// ledger that is read is written as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto set = read_rules(text, "understudy.yaml")) {
        Rule rule;
        rule.finding = "f00c0ffe";
        rule.reason = "because";
        rule.owner = "shop";
        rule.expires = *parse_day("2027-01-31");
        if (const auto longer = with_rule(text, "understudy.yaml", rule)) {
            const auto again = read_rules(*longer, "understudy.yaml");
            require(again && again->rules.size() == set->rules.size() + 1);
        }
    }
    if (const auto ledger = NoiseLedger::parse(text)) {
        const auto again = NoiseLedger::parse(ledger->to_text());
        require(again && again->to_text() == ledger->to_text());
    }
    Finding finding;
    finding.relations = {"orders"};
    finding.candidate = text;
    static_cast<void>(line_to_blame(text, finding));
    static_cast<void>(name_made(text));
    static_cast<void>(name_needed(text));
    static_cast<void>(number_of(text));
    static_cast<void>(parse_day(text));
    const std::string clean = clean_utf8(text);
    require(clean_utf8(clean) == clean);
    require(xml_text(text).find('<') == std::string::npos);
    return 0;
}

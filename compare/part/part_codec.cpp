#include "compare/part/part_codec.hpp"

#include <fmt/format.h>

#include "compare/part/json_archive.hpp"
#include "core/catalog/catalog_codec.hpp"

namespace understudy::compare {

namespace {

constexpr int kVersion = 3;
constexpr const char* kFormat = "understudy comparison part";

template <class Enum>
void check_enum(JsonReader& archive, Enum value, std::size_t count) {
    archive.require(static_cast<std::size_t>(value) < count);
}
template <class Enum>
void check_enum(JsonWriter&, Enum, std::size_t) {}

}  // namespace

// The fields of each struct, for writing and reading. The archives find them by their own namespace.

template <class Archive>
void fields(Archive& a, Divergence& v) {
    a("kind", v.kind), check_enum(a, v.kind, kDivergenceKinds);
    a("place", v.place), a("sqlstate", v.sqlstate), a("baseline", v.baseline), a("candidate", v.candidate);
}
template <class Archive>
void fields(Archive& a, sql::Fingerprint& v) {
    a("value", v.value), a("lexical", v.lexical);
}
template <class Archive>
void fields(Archive& a, sql::RelationUse& v) {
    a("schema", v.schema), a("name", v.name), a("written", v.written);
}
template <class Archive>
void fields(Archive& a, Volatility& v) {
    a("clock", v.clock), a("random", v.random), a("open_choice", v.open_choice);
}
template <class Archive>
void fields(Archive& a, RowChange& v) {
    a("baseline", v.baseline), a("candidate", v.candidate);
}
template <class Archive>
void fields(Archive& a, RowDiff& v) {
    a("columns", v.columns), a("types", v.types), a("by_key", v.by_key), a("rows", v.rows), a("more", v.more);
}
template <class Archive>
void fields(Archive& a, ExchangeId& v) {
    a("session", v.session), a("ordinal", v.ordinal);
}
template <class Archive>
void fields(Archive& a, Example& v) {
    a("exchange", v.exchange), a("asked", v.asked), a("step", v.step), a("kind", v.kind), a("sql", v.sql);
    a("baseline", v.baseline), a("candidate", v.candidate), a("rows", v.rows);
    check_enum(a, v.kind, static_cast<std::size_t>(StepKind::function_call) + 1);
}
template <class Archive>
void fields(Archive& a, CellEvidence& v) {
    a("both_steps", v.both_steps), a("baseline_odd_steps", v.baseline_odd_steps);
    a("recurring_steps", v.recurring_steps), a("volatile_steps", v.volatile_steps);
}
template <class Archive>
void fields(Archive& a, NameSet& v) {
    a("names", v.names);
}
inline void fields(JsonWriter& a, SessionSet& v) {
    a("ids", std::set<std::uint64_t>(v.values().begin(), v.values().end()));
}
inline void fields(JsonReader& a, SessionSet& v) {
    std::set<std::uint64_t> ids;
    a("ids", ids);
    for (const std::uint64_t id : ids) v.add(SessionId(id));
}
template <class Archive>
void fields(Archive& a, FrozenValue& v) {
    a("baseline", v.baseline), a("candidate", v.candidate);
}
template <class Archive>
void fields(Archive& a, Cell& v) {
    a("divergence", v.divergence), a("statement", v.statement), a("fingerprint", v.fingerprint);
    a("cause", v.cause), check_enum(a, v.cause, static_cast<std::size_t>(Cause::environment) + 1);
    a("explanation", v.explanation), a("relations", v.relations), a("functions", v.functions);
    a("error_table", v.error_table), a("error_constraint", v.error_constraint), a("raised", v.raised);
    a("volatility", v.volatility), a("type_oid", v.type_oid), a("count", v.count), a("sessions", v.sessions);
    a("users", v.users), a("applications", v.applications), a("databases", v.databases);
    a("frozen", v.frozen), a("float_sums", v.float_sums), a("other_choices", v.other_choices);
    a("first", v.first), a("last", v.last);
    a("first_unexplained", v.first_unexplained), a("followed_by", v.followed_by), a("spoiled", v.spoiled);
    a("example", v.example), a("example_has_control", v.example_has_control);
    a("candidate_only", v.candidate_only), a("control_only", v.control_only), a("control", v.control);
    a("confirmation", v.confirmation), a("evidence", v.evidence);
}
inline void fields(JsonWriter& a, Tally& v) { a("cells", v.cells()), a("overflowed", v.overflowed()); }
inline void fields(JsonReader& a, Tally& v) {
    std::vector<Cell> cells;
    std::size_t overflowed = 0;
    a("cells", cells), a("overflowed", overflowed);
    v = Tally::restored(std::move(cells), overflowed);
}
template <class Archive>
void fields(Archive& a, Coverage& v) {
    a("exchanges", v.exchanges), a("exchanges_compared", v.exchanges_compared), a("steps", v.steps);
    a("compared", v.compared), a("differing", v.differing), a("folded", v.folded), a("extra_steps", v.extra_steps);
    a("with_data", v.with_data), a("ambiguous", v.ambiguous), a("tainted", v.tainted), a("excused", v.excused);
    a("control_compared", v.control_compared), a("confirmation_compared", v.confirmation_compared);
    a("not_compared", v.not_compared);
}
template <class Archive>
void fields(Archive& a, SessionActivity& v) {
    a("session", v.session), a("user", v.user), a("application", v.application), a("database", v.database);
    a("first", v.first), a("last", v.last), a("steps", v.steps), a("differing", v.differing);
}
template <class Archive>
void fields(Archive& a, Timeline& v) {
    a("start", v.start), a("width", v.width), a("steps", v.steps), a("differing", v.differing);
}
inline void require_sound(JsonReader& a, const Timeline& v) {
    a.require(v.width > Duration() && v.start.ns() >= 0);
    a.require(v.steps.size() <= Timeline::kMaxBuckets && v.steps.size() == v.differing.size());
}
inline void require_sound(JsonWriter&, const Timeline&) {}
template <class Archive>
void fields(Archive& a, ActivityState& v) {
    a("sessions", v.sessions), a("timeline", v.timeline), a("first", v.first), a("last", v.last);
    require_sound(a, v.timeline);
}
inline void fields(JsonWriter& a, Activity& v) {
    ActivityState state = v.state();
    fields(a, state);
}
inline void fields(JsonReader& a, Activity& v) {
    ActivityState state;
    fields(a, state);
    v = Activity(std::move(state));
}
template <class Archive>
void fields(Archive& a, Observations& v) {
    a("tally", v.tally), a("coverage", v.coverage), a("activity", v.activity);
    a("control_sqlstates", v.control_sqlstates), a("tolerated", v.tolerated), a("unnamed_types", v.unnamed_types);
    a("unlike_forms", v.unlike_forms);
}
template <class Archive>
void fields(Archive& a, CaptureHeader& v) {
    a("source", v.source), a("tool_version", v.tool_version), a("created", v.created), a("policy", v.policy);
    a("key_id", v.key_id), a("server_version", v.server_version), a("system_identifier", v.system_identifier);
    a("wal_position", v.wal_position), a("clock_uncertainty_ns", v.clock_uncertainty_ns);
    a("description", v.description), a("replayed_system_identifier", v.replayed_system_identifier);
    a("results_unknown", v.results_unknown), a("redacted", v.redacted);
    check_enum(a, v.policy, static_cast<std::size_t>(ResultsPolicy::full) + 1);
}
template <class Archive>
void fields(Archive& a, CaptureNotes& v) {
    a("events", v.events), a("exchanges", v.exchanges), a("gaps", v.gaps), a("gap_bytes", v.gap_bytes);
    a("losses", v.losses), a("impersonated", v.impersonated), a("dropped_steps", v.dropped_steps);
}
template <class Archive>
void fields(Archive& a, store::Damage& v) {
    a("bad_chunks", v.bad_chunks), a("bytes_skipped", v.bytes_skipped), a("bytes_cut_off", v.bytes_cut_off);
    a("unknown_records", v.unknown_records), a("trailer_missing", v.trailer_missing);
}
template <class Archive>
void fields(Archive& a, InputReport& v) {
    a("side", v.side), check_enum(a, v.side, kSides);
    a("name", v.name), a("header", v.header), a("notes", v.notes), a("damage", v.damage);
}
template <class Archive>
void fields(Archive& a, SessionPart& v) {
    a("index", v.index), a("of", v.of);
}
/// Catalogues keep their own format inside.
struct Catalogues {
    std::optional<Bytes> before;
    std::optional<Bytes> after;
};
template <class Archive>
void fields(Archive& a, Catalogues& v) {
    a("before", v.before), a("after", v.after);
}

namespace {

bool sound(const ComparisonPart& part) {
    for (const SessionPart& one : part.parts) {
        if (one.of == 0 || one.of > SessionPart::kMaxParts || one.index == 0 || one.index > one.of) return false;
        if (one.of != part.parts.front().of) return false;
    }
    return !part.parts.empty() && !part.inputs.empty();
}

Result<std::optional<catalog::Catalog>> catalogue(const std::optional<Bytes>& bytes) {
    if (!bytes) return std::optional<catalog::Catalog>();
    UNDERSTUDY_TRY(auto decoded, catalog::decode(*bytes));
    return std::optional(std::move(decoded));
}

}  // namespace

std::string to_text(const ComparisonPart& part) {
    nlohmann::json json = JsonWriter::write(part.seen);
    Catalogues catalogues;
    if (part.before) catalogues.before = catalog::encode(*part.before);
    if (part.after) catalogues.after = catalog::encode(*part.after);
    nlohmann::json whole = {{"format", kFormat},
                            {"version", kVersion},
                            {"parts", JsonWriter::write(part.parts)},
                            {"inputs", JsonWriter::write(part.inputs)},
                            {"catalogues", JsonWriter::write(catalogues)},
                            {"tolerances", JsonWriter::write(part.tolerances)},
                            {"seen", std::move(json)}};
    return whole.dump() + "\n";
}

Result<ComparisonPart> parse_part(std::string_view text) {
    const auto not_one = [] {
        return make_error(Errc::malformed, "this is no part of a comparison (compare --part writes them)");
    };
    if (text.size() > kMaxPartBytes) return not_one();
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || json.value("format", nlohmann::json()) != kFormat) return not_one();
    if (json.value("version", nlohmann::json()) != kVersion) {
        return make_error(Errc::unsupported,
                          "this part was written by another version of understudy: compare it again");
    }
    ComparisonPart part;
    Catalogues catalogues;
    bool ok = true;
    JsonReader reader(json, ok);
    reader("parts", part.parts), reader("inputs", part.inputs), reader("catalogues", catalogues);
    reader("tolerances", part.tolerances), reader("seen", part.seen);
    if (!ok || !sound(part)) return not_one();
    UNDERSTUDY_TRY(part.before, catalogue(catalogues.before));
    UNDERSTUDY_TRY(part.after, catalogue(catalogues.after));
    return part;
}

}  // namespace understudy::compare

#include <algorithm>

#include "schema/fidelity/certificate.hpp"
#include "schema/fidelity/json_values.hpp"

namespace understudy::schema::fidelity {
namespace {

void put(JsonText& out, const char* name, const Side& side) {
    out.begin(name);
    out.text("database", side.database);
    out.text("version", side.version);
    out.text("schema_fingerprint", side.fingerprint);
    out.integer("taken_ns", std::max<std::int64_t>(0, side.taken.ns()));
    out.end();
}

void put(JsonText& out, const char* name, const Share& share) {
    out.begin(name);
    out.count("part", share.part);
    out.count("of", share.of);
    out.number("low", share.low);
    out.number("high", share.high);
    out.end();
}

void put(JsonText& out, const char* name, const std::vector<Difference>& differences) {
    out.begin_list(name);
    for (const Difference& one : differences) {
        out.begin_entry();
        out.text("class", to_string(one.what));
        out.text("attribute", one.attribute);
        out.text("object", one.object);
        out.text("production", one.production);
        out.text("staging", one.staging);
        out.text("text", one.text);
        out.end();
    }
    out.end_list();
}

void put(JsonText& out, const char* name, const std::vector<Counted>& counts) {
    out.begin_list(name);
    for (const Counted& one : counts) {
        out.begin_entry();
        out.text("name", one.name);
        out.count("count", one.count);
        out.end();
    }
    out.end_list();
}

void put(JsonText& out, const Reproduced& found) {
    out.begin("reproduction");
    put(out, "calls", found.calls);
    put(out, "table_calls", found.table_calls);
    put(out, "fingerprints", found.fingerprints);
    out.count("differing", found.differing);
    out.count("open", found.open);
    out.count("unjudged", found.unjudged);
    out.count("prepared_otherwise", found.prepared_otherwise);
    out.count("sessions", found.sessions);
    out.number("ambiguous_percent", found.ambiguous_percent);
    out.number("tainted_percent", found.tainted_percent);
    out.count("mapped_values", found.mapped_values);
    out.count("unmapped_values", found.unmapped_values);
    put(out, "unjudged_reasons", found.unjudged_reasons);
    out.begin_list("not_covered");
    for (const NotCovered& one : found.not_covered) {
        out.begin_entry();
        out.text("fingerprint", one.fingerprint);
        out.text("statement", one.statement);
        out.count("calls", one.calls);
        out.count("same", one.same);
        out.count("differing", one.differing);
        out.count("open", one.open);
        out.text("why", one.why);
        out.end();
    }
    out.end_list();
    out.count("not_covered_left_out", found.not_covered_left_out);
    out.end();
}

void put_migration(JsonText& out, const Certificate& certificate) {
    if (!certificate.migration_given) return;
    out.count("migration_statements_unknown", certificate.migration_unknown);
    out.begin_list("migration");
    for (const MigrationPlace& one : certificate.migration) {
        out.begin_entry();
        out.text("table", one.table);
        out.text("column", one.column);
        out.count("fingerprints", one.fingerprints);
        out.count("calls", one.calls);
        out.count("same", one.same);
        out.end();
    }
    out.end_list();
}

}  // namespace

std::string to_json(const Certificate& certificate) {
    JsonText out;
    out.begin();
    out.integer("understudy_fidelity", kCertificateFormat);
    out.text("understudy_version", UNDERSTUDY_VERSION);
    out.truth("holds", certificate.holds());
    out.text("verdict", verdict_of(certificate));
    out.integer("taken_ns", std::max<std::int64_t>(0, certificate.taken.ns()));
    put(out, "production", certificate.production);
    put(out, "staging", certificate.staging);
    for (std::size_t i = 0; i < kDifferenceClasses; ++i) {
        const auto what = static_cast<DifferenceClass>(i);
        constexpr const char* kNames[] = {"gates", "warnings", "latency_only", "notes"};
        out.count(kNames[i], certificate.comparison.count(what));
    }
    out.count("compared", certificate.comparison.compared);
    out.count("left_out", certificate.comparison.left_out);
    put(out, "differences", certificate.comparison.differences);
    out.begin_list("not_known");
    for (const catalog::UnreadPart& one : certificate.comparison.not_known) {
        out.begin_entry();
        out.text("what", one.what);
        out.text("why", one.why);
        out.end();
    }
    out.end_list();
    if (certificate.capture) {
        out.begin("capture");
        out.number("percent", certificate.capture->percent);
        out.count("exchanges", certificate.capture->exchanges);
        out.count("sessions", certificate.capture->sessions);
        out.texts("doubts", certificate.capture->doubts);
        out.end();
    }
    if (certificate.reproduced) put(out, *certificate.reproduced);
    out.text("not_measured", certificate.not_measured);
    put_migration(out, certificate);
    put(out, "probe", certificate.probe);
    if (certificate.drift) {
        out.begin("drift");
        out.integer("since_ns", std::max<std::int64_t>(0, certificate.drift->since.ns()));
        put(out, "come", certificate.drift->come);
        put(out, "gone", certificate.drift->gone);
        if (certificate.drift->calls_before) put(out, "calls_before", *certificate.drift->calls_before);
        out.end();
    }
    return out.take() + "\n}\n";
}

}  // namespace understudy::schema::fidelity

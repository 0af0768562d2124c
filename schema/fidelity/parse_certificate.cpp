#include <fmt/format.h>

#include "schema/fidelity/certificate.hpp"
#include "schema/fidelity/json_values.hpp"

namespace understudy::schema::fidelity {
namespace {

using Json = JsonMembers::Json;

Timestamp time_of(JsonMembers& in, const char* name) {
    return Timestamp::from_ns(static_cast<std::int64_t>(in.count(name) & INT64_MAX));
}

/// An object that may be absent: `read` is given its members.
template <class Read>
bool read_object(JsonMembers& in, const Json& object, const char* name, Read read) {
    const auto found = object.find(name);
    if (found == object.end()) return false;
    JsonMembers members(*found);
    read(members, *found);
    if (!members.ok()) in.fail();
    return members.ok();
}

Share share_of_json(JsonMembers& in) {
    Share share;
    share.part = in.count("part");
    share.of = in.count("of");
    share.low = in.number("low");
    share.high = in.number("high");
    return share;
}

Side side_of(JsonMembers& in) {
    Side side;
    side.database = in.text("database");
    side.version = in.text("version");
    side.fingerprint = in.text("schema_fingerprint");
    side.taken = time_of(in, "taken_ns");
    return side;
}

Difference difference_of(JsonMembers& in) {
    Difference difference;
    const Bytes name = in.text("class");
    bool known = false;
    for (std::size_t i = 0; i < kDifferenceClasses; ++i) {
        if (to_string(static_cast<DifferenceClass>(i)) != name) continue;
        difference.what = static_cast<DifferenceClass>(i);
        known = true;
    }
    if (!known) in.fail();
    difference.attribute = in.text("attribute");
    difference.object = in.text("object");
    difference.production = in.text("production");
    difference.staging = in.text("staging");
    difference.text = in.text("text");
    return difference;
}

Counted counted_of(JsonMembers& in) {
    Counted counted;
    counted.name = in.text("name");
    counted.count = in.count("count");
    return counted;
}

NotCovered not_covered_of(JsonMembers& in) {
    NotCovered one;
    one.fingerprint = in.text("fingerprint");
    one.statement = in.text("statement");
    one.calls = in.count("calls");
    one.same = in.count("same");
    one.differing = in.count("differing");
    one.open = in.count("open");
    one.why = in.text("why");
    return one;
}

Reproduced reproduced_of(JsonMembers& in, const Json& object) {
    Reproduced found;
    const auto share = [&](const char* name, Share& to) {
        if (!read_object(in, object, name, [&](JsonMembers& members, const Json&) { to = share_of_json(members); }))
            in.fail();
    };
    share("calls", found.calls);
    share("table_calls", found.table_calls);
    share("fingerprints", found.fingerprints);
    found.differing = in.count("differing");
    found.open = in.count("open");
    found.unjudged = in.count("unjudged");
    found.prepared_otherwise = in.count("prepared_otherwise");
    found.sessions = in.count("sessions");
    found.ambiguous_percent = in.number("ambiguous_percent");
    found.tainted_percent = in.number("tainted_percent");
    found.mapped_values = in.count("mapped_values");
    found.unmapped_values = in.count("unmapped_values");
    read_list(in, "unjudged_reasons", kMaxEntries, found.unjudged_reasons, counted_of);
    read_list(in, "not_covered", kMaxStatementsShown, found.not_covered, not_covered_of);
    found.not_covered_left_out = in.count("not_covered_left_out");
    return found;
}

void read_optional_parts(JsonMembers& in, const Json& json, Certificate& to) {
    read_object(in, json, "capture", [&](JsonMembers& members, const Json&) {
        CaptureQuality& quality = to.capture.emplace();
        quality.percent = members.number("percent");
        quality.exchanges = members.count("exchanges");
        quality.sessions = members.count("sessions");
        quality.doubts = members.texts("doubts", kMaxEntries);
    });
    read_object(in, json, "reproduction",
                [&](JsonMembers& members, const Json& object) { to.reproduced = reproduced_of(members, object); });
    to.migration_given = json.contains("migration");
    if (to.migration_given) {
        to.migration_unknown = in.count("migration_statements_unknown");
        read_list(in, "migration", kMaxEntries, to.migration, [](JsonMembers& members) {
            MigrationPlace place;
            place.table = members.text("table");
            place.column = members.text("column");
            place.fingerprints = members.count("fingerprints");
            place.calls = members.count("calls");
            place.same = members.count("same");
            return place;
        });
    }
    read_object(in, json, "drift", [&](JsonMembers& members, const Json& object) {
        Drift& drift = to.drift.emplace();
        drift.since = time_of(members, "since_ns");
        read_list(members, "come", kMaxDifferences, drift.come, difference_of);
        read_list(members, "gone", kMaxDifferences, drift.gone, difference_of);
        read_object(members, object, "calls_before",
                    [&](JsonMembers& share, const Json&) { drift.calls_before = share_of_json(share); });
    });
}

}  // namespace

Result<Certificate> parse_certificate(BytesView text) {
    if (text.size() > kMaxCertificateBytes) {
        return make_error(Errc::limit, fmt::format("it is longer than {} MiB", kMaxCertificateBytes >> 20U));
    }
    const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
    JsonMembers in(json);
    const std::uint64_t format = in.ok() ? in.count("understudy_fidelity") : 0;
    if (!in.ok() || format == 0) return make_error(Errc::malformed, "it is no certificate of understudy fidelity");
    if (format > kCertificateFormat) {
        return make_error(Errc::unsupported,
                          fmt::format("it is a certificate of format {}, and this program knows up to {}: use a newer "
                                      "understudy",
                                      format, kCertificateFormat));
    }
    Certificate result;
    result.taken = time_of(in, "taken_ns");
    for (const auto& [name, side] :
         {std::pair("production", &result.production), std::pair("staging", &result.staging)}) {
        Side& to = *side;
        if (!read_object(in, json, name, [&](JsonMembers& members, const Json&) { to = side_of(members); })) in.fail();
    }
    result.comparison.compared = in.count("compared");
    result.comparison.left_out = in.count("left_out");
    read_list(in, "differences", kMaxDifferences, result.comparison.differences, difference_of);
    read_list(in, "not_known", kMaxEntries, result.comparison.not_known, [](JsonMembers& one) {
        return catalog::UnreadPart{one.text("what"), one.text("why")};
    });
    result.not_measured = in.text("not_measured");
    read_list(in, "probe", kMaxEntries, result.probe, counted_of);
    read_optional_parts(in, json, result);
    if (!in.ok())
        return make_error(Errc::malformed, "it is no certificate of understudy fidelity, or was changed since");
    return result;
}

}  // namespace understudy::schema::fidelity

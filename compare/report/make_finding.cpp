#include "compare/report/make_finding.hpp"

#include <fmt/format.h>

namespace understudy::compare {
namespace {

std::optional<NoiseClass> class_of(const Cell& cell, Standing standing) {
    if (standing == Standing::unconfirmed) return NoiseClass::unconfirmed;
    if (standing != Standing::noise) return std::nullopt;
    return cell.noise_class();
}

std::vector<Bytes> listed(const NameSet& names) { return {names.names.begin(), names.names.end()}; }

/// A recording of less than a minute says nothing of a day.
double calls_a_day(std::uint64_t count, Duration recorded) {
    if (recorded < Duration::seconds(60)) return 0;
    return static_cast<double>(count) * 86'400 / recorded.to_seconds();
}

}  // namespace

std::string finding_id(BytesView fingerprint, DivergenceKind kind, BytesView place, BytesView sqlstate) {
    std::uint32_t hash = 2166136261U;
    const auto mix = [&hash](BytesView text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
        hash = (hash ^ 0xFFU) * 16777619U;
    };
    mix(fingerprint);
    mix(to_string(kind));
    mix(place);
    mix(sqlstate);
    return fmt::format("f{:08x}", hash);
}

Finding make_finding(const Cell& cell, const CellJudgement& judgement, const Blame& blame, Duration recorded) {
    Finding finding;
    finding.id =
        finding_id(cell.fingerprint.hex(), cell.divergence.kind, cell.divergence.place, cell.divergence.sqlstate);
    finding.users = listed(cell.users);
    finding.applications = listed(cell.applications);
    finding.databases = listed(cell.databases);
    finding.calls_a_day = calls_a_day(cell.count, recorded);
    finding.noise_class = class_of(cell, judgement.standing);
    finding.kind = cell.divergence.kind;
    finding.place = cell.divergence.place;
    finding.sqlstate = cell.divergence.sqlstate;
    finding.statement = cell.statement;
    finding.fingerprint = cell.fingerprint.hex();
    finding.lexical = cell.fingerprint.lexical;
    finding.raised = cell.raised;
    finding.count = cell.count;
    finding.sessions = cell.sessions.size();
    finding.followed_by = cell.followed_by;
    finding.first = cell.first;
    finding.last = cell.last;
    finding.blame = blame.of(cell);
    finding.cause = blame.explains(cell) ? Cause::schema : cell.cause;
    finding.explanation = judgement.explanation.empty() ? cell.explanation : judgement.explanation;
    finding.baseline = cell.divergence.baseline;
    finding.candidate = cell.divergence.candidate;
    finding.why = judgement.why;
    finding.widespread = judgement.widespread;
    finding.example = cell.example;
    for (const sql::RelationUse& relation : cell.relations) finding.relations.push_back(relation.name);
    finding.severity = severity_of(cell.divergence, finding.cause);
    return finding;
}

}  // namespace understudy::compare

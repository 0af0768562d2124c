#include "compare/analysis/cause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace understudy::compare {
namespace {

template <std::size_t N>
bool one_of(BytesView state, const std::array<BytesView, N>& list) {
    return std::find(list.begin(), list.end(), state) != list.end();
}

Cause cause_of_error(BytesView state) {
    static constexpr std::array<BytesView, 3> kLocks{"55P03", "57014", "40P01"};
    static constexpr std::array<BytesView, 6> kArtefacts{"40001", "26000", "34000", "53300", "25P02", "42P05"};
    static constexpr std::array<BytesView, 11> kSchema{"23502", "23514", "23P01", "22001", "22003", "2200H",
                                                       "428C9", "0A000", "22P02", "22P05", "44000"};
    static constexpr std::array<BytesView, 3> kConnection{"08006", "08003", "08001"};
    if (state == "42501" || state.starts_with("28")) return Cause::privilege;
    if (one_of(state, kLocks)) return Cause::lock_or_timeout;
    if (one_of(state, kConnection)) return Cause::environment;
    if (one_of(state, kArtefacts) || state.starts_with("08")) return Cause::replay_artefact;
    if (one_of(state, kSchema) || state.starts_with("42") || state.starts_with("3F")) return Cause::schema;
    for (const BytesView family : {"53", "57", "58", "XX", "F0"}) {
        if (state.starts_with(family)) return Cause::environment;
    }
    return Cause::data;
}

/// What sessions meet that hold on to something that is there no more, and tables that lack what replication needs: the
/// SQLSTATE is of another matter.
bool of_changed_schema(const Divergence& divergence) {
    const auto says = [&](const char* words) { return divergence.candidate.find(words) != Bytes::npos; };
    if (divergence.sqlstate == "XX000") {
        return says("cache lookup failed") || says("could not open relation with OID") || says("could not find") ||
               says("attribute");
    }
    return divergence.sqlstate == "55000" && (says("replica identity") || says("has not been populated"));
}

/// The text after "ERROR 42703: ".
BytesView message_of(BytesView words) {
    const std::size_t colon = words.find(": ");
    return words.starts_with("ERROR") && colon != BytesView::npos ? words.substr(colon + 2) : words;
}

Bytes explain_error(const Divergence& d) {
    switch (d.kind) {
        case DivergenceKind::error_appeared:
            if (message_of(d.candidate).ends_with("does not exist")) {
                return fmt::format("{} on the candidate ({}); it did on the baseline", message_of(d.candidate),
                                   d.sqlstate);
            }
            if (d.sqlstate == "0A000" && d.candidate.find("cached plan") != Bytes::npos) {
                return fmt::format("a statement prepared before the change no longer runs on the candidate: {} ({})",
                                   message_of(d.candidate), d.sqlstate);
            }
            return fmt::format("the candidate refuses the statement: {} ({}); the baseline accepted it",
                               message_of(d.candidate), d.sqlstate);
        case DivergenceKind::error_disappeared:
            return fmt::format("the baseline refused the statement: {} ({}); the candidate accepts it",
                               message_of(d.baseline), d.sqlstate);
        default:
            return fmt::format(
                "both refuse the statement, for other reasons: the baseline said \"{}\", the candidate "
                "says \"{}\" ({})",
                message_of(d.baseline), message_of(d.candidate), d.sqlstate);
    }
}

}  // namespace

std::string_view to_string(Cause cause) {
    switch (cause) {
        case Cause::schema: return "schema";
        case Cause::data: return "data";
        case Cause::privilege: return "privilege";
        case Cause::lock_or_timeout: return "lock or timeout";
        case Cause::replay_artefact: return "artefact of replaying";
        case Cause::environment: return "environment";
    }
    return "unknown";
}

bool is_concurrency(BytesView sqlstate) {
    static constexpr std::array<BytesView, 4> kStates{"40001", "40P01", "55P03", "57014"};
    return one_of(sqlstate, kStates);
}

Cause cause_of(const Divergence& divergence) {
    switch (divergence.kind) {
        case DivergenceKind::error_appeared:
        case DivergenceKind::error_disappeared:
        case DivergenceKind::error_changed:
            return of_changed_schema(divergence) ? Cause::schema : cause_of_error(divergence.sqlstate);
        case DivergenceKind::column_added:
        case DivergenceKind::column_removed:
        case DivergenceKind::column_renamed:
        case DivergenceKind::column_retyped:
        case DivergenceKind::column_order:
        case DivergenceKind::parameter_types:
        case DivergenceKind::command_tag:
        case DivergenceKind::statement_count: return Cause::schema;
        case DivergenceKind::stall: return Cause::lock_or_timeout;
        case DivergenceKind::row_count:
        case DivergenceKind::affected_rows:
        case DivergenceKind::value:
        case DivergenceKind::order:
        case DivergenceKind::notice:
        case DivergenceKind::copy_data:
        case DivergenceKind::transaction_status: return Cause::data;
    }
    return Cause::data;
}

Bytes explain(const Divergence& d, const sql::StatementTraits& traits) {
    const BytesView open_choice =
        traits.limited && !traits.ordered ? " (the statement has LIMIT without ORDER BY: which rows come is open)" : "";
    switch (d.kind) {
        case DivergenceKind::error_appeared:
        case DivergenceKind::error_disappeared:
        case DivergenceKind::error_changed: return explain_error(d);
        case DivergenceKind::row_count:
            return fmt::format("the candidate answers {}, the baseline {}{}", d.candidate, d.baseline, open_choice);
        case DivergenceKind::affected_rows:
            return fmt::format("the statement reports \"{}\" on the candidate, \"{}\" on the baseline", d.candidate,
                               d.baseline);
        case DivergenceKind::command_tag:
            return fmt::format("the statement ends as \"{}\" on the candidate, as \"{}\" on the baseline", d.candidate,
                               d.baseline);
        case DivergenceKind::column_added:
            return fmt::format("the candidate's answer has a {} ({}) that the baseline's has not", d.place,
                               d.candidate);
        case DivergenceKind::column_removed:
            return fmt::format("the candidate's answer lacks {} ({})", d.place, d.baseline);
        case DivergenceKind::column_renamed:
            return fmt::format("column \"{}\" of the answer is called \"{}\" on the candidate", d.baseline,
                               d.candidate);
        case DivergenceKind::column_retyped:
            return fmt::format("{} of the answer is {} on the candidate, {} on the baseline", d.place, d.candidate,
                               d.baseline);
        case DivergenceKind::column_order:
            return fmt::format("the columns come in another order: {} on the candidate, {} on the baseline",
                               d.candidate, d.baseline);
        case DivergenceKind::parameter_types:
            return fmt::format("the candidate takes {} as {}, the baseline as {}", d.place, d.candidate, d.baseline);
        case DivergenceKind::value:
            return fmt::format("{} holds {} on the candidate{}", d.place,
                               d.candidate.empty() ? BytesView("other values") : BytesView(d.candidate), open_choice);
        case DivergenceKind::order:
            return fmt::format("the candidate answers {}, though the statement has an ORDER BY{}", d.candidate,
                               d.candidate.ends_with("ties") ? "" : ": another collation, or other sort keys");
        case DivergenceKind::notice:
            return fmt::format("the candidate gives {}, the baseline {}", d.candidate, d.baseline);
        case DivergenceKind::copy_data:
            return fmt::format("COPY gives {} on the candidate, {} on the baseline", d.candidate, d.baseline);
        case DivergenceKind::stall:
            return fmt::format("the statement took {} on the candidate, {} on the baseline: it waited for a lock, or its plan is "
                               "another",
                               d.candidate, d.baseline);
        case DivergenceKind::transaction_status:
            return fmt::format("afterwards the transaction status is {} on the candidate, {} on the baseline",
                               d.candidate, d.baseline);
        case DivergenceKind::statement_count:
            return fmt::format(
                "the query's text is answered as another number of statements: {} on the candidate, {} on "
                "the baseline",
                d.candidate, d.baseline);
    }
    return {};
}

}  // namespace understudy::compare

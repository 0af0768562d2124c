#include "compare/diff/step_diff.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <tuple>

#include "compare/diff/rowset_diff.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kMaxMessage = 1000;
constexpr std::size_t kMaxChannel = 63;  // bytes of an identifier
constexpr std::size_t kMaxSetting = 100;

Bytes error_in_words(const StepResult& result) {
    if (!result.error) return "ERROR";
    const BytesView message = result.error->get('M');
    return fmt::format("ERROR {}: {}{}", result.error->sqlstate(), message.substr(0, kMaxMessage),
                       message.size() > kMaxMessage ? "…" : "");
}

/// Schema, table, column, data type, constraint: what an application may look at besides the SQLSTATE.
bool same_error_objects(const ServerMessage& a, const ServerMessage& b) {
    for (const char letter : {'s', 't', 'c', 'd', 'n'}) {
        if (a.get(letter) != b.get(letter)) return false;
    }
    return true;
}

void diff_errors(const StepResult& a, const StepResult& b, std::vector<Divergence>& out) {
    const bool a_failed = a.outcome == StepOutcome::error;
    const bool b_failed = b.outcome == StepOutcome::error;
    const Bytes state_a(a.error ? a.error->sqlstate() : BytesView());
    const Bytes state_b(b.error ? b.error->sqlstate() : BytesView());
    if (a_failed && b_failed) {
        if (state_a == state_b && (!a.error || !b.error || same_error_objects(*a.error, *b.error))) return;
        out.push_back(
            {DivergenceKind::error_changed, "error after " + state_a, state_b, error_in_words(a), error_in_words(b)});
    } else if (b_failed) {
        out.push_back({DivergenceKind::error_appeared, "error", state_b, "answered", error_in_words(b)});
    } else {
        out.push_back({DivergenceKind::error_disappeared, "error", state_a, error_in_words(a), "answered"});
    }
}

bool writes_rows(BytesView words) {
    return words == "INSERT" || words == "UPDATE" || words == "DELETE" || words == "MERGE" || words == "COPY";
}

void diff_tags(const StepResult& a, const StepResult& b, std::vector<Divergence>& out) {
    const CommandTag tag_a = parse_command_tag(a.command_tag);
    const CommandTag tag_b = parse_command_tag(b.command_tag);
    const bool suspended = a.outcome == StepOutcome::suspended || b.outcome == StepOutcome::suspended;
    if (tag_a.words != tag_b.words) {
        if (suspended) return;  // more or fewer rows to come: diff_rows says it
        out.push_back({DivergenceKind::command_tag, "tag", {}, a.command_tag, b.command_tag});
    } else if (tag_a.counted && tag_a.count != tag_b.count && writes_rows(tag_a.words)) {
        out.push_back({DivergenceKind::affected_rows, "tag", {}, a.command_tag, b.command_tag});
    }
}

using NoticeKey = std::tuple<Bytes, Bytes, Bytes>;

std::vector<NoticeKey> notices_of(const StepResult& result, bool texts) {
    std::vector<NoticeKey> keys;
    for (const ServerMessage& notice : result.notices) {
        keys.emplace_back(notice.severity(), notice.sqlstate(), texts ? notice.get('M') : BytesView());
    }
    return keys;
}

Bytes notices_in_words(const StepResult& result) {
    if (result.notices.empty()) return "no notice";
    const ServerMessage& first = result.notices.front();
    return fmt::format("{} notice{}, first {} {}", result.notices.size(), result.notices.size() == 1 ? "" : "s",
                       first.severity(), first.sqlstate());
}

void diff_notices(const StepResult& a, const StepResult& b, bool texts, std::vector<Divergence>& out) {
    if (a.notices.empty() && b.notices.empty()) return;
    if (notices_of(a, texts) == notices_of(b, texts)) return;
    out.push_back({DivergenceKind::notice, "notice", {}, notices_in_words(a), notices_in_words(b)});
}

void diff_copy(const CopySummary& a, const CopySummary& b, const StepDiffTools& tools, std::vector<Divergence>& out) {
    // What a client sends is the same request on both sides; its effect shows in the tag.
    if (a.direction != CopyDirection::out && b.direction != CopyDirection::out) return;
    const bool same_lines = a.bytes == b.bytes && a.multiset_digest == b.multiset_digest;
    if (same_lines && (a.digest == b.digest || !tools.order().ordered)) return;
    out.push_back({DivergenceKind::copy_data,
                   same_lines ? "order of the copied lines" : "copied data",
                   {},
                   fmt::format("{} lines, {} bytes", a.messages, a.bytes),
                   fmt::format("{} lines, {} bytes", b.messages, b.bytes)});
}

bool same_error(const StepResult& a, const StepResult& b) {
    if (a.error.has_value() != b.error.has_value()) return false;
    return !a.error || (a.error->sqlstate() == b.error->sqlstate() && same_error_objects(*a.error, *b.error));
}

}  // namespace

CommandTag parse_command_tag(BytesView tag) {
    CommandTag result{tag, 0, false};
    const std::size_t space = tag.rfind(' ');
    if (space == BytesView::npos) return result;
    const char* const end = tag.data() + tag.size();
    const auto parsed = std::from_chars(tag.data() + space + 1, end, result.count);
    if (parsed.ec != std::errc() || parsed.ptr != end || space + 1 == tag.size()) return result;
    result.counted = true;
    result.words = tag.substr(0, tag.find(' '));  // "INSERT 0 5": the OID between means nothing
    return result;
}

Bytes notifications_in_words(const StepResult& result) {
    if (result.own_notifications.empty()) return "no notification of itself";
    const std::size_t count = result.own_notifications.size();
    if (result.notified_channels.empty()) return "notifications of itself on channels that are not known";
    return fmt::format("{} notification{} of itself, first on {}", count, count == 1 ? "" : "s",
                       BytesView(result.notified_channels.front()).substr(0, kMaxChannel));
}

/// Whether it is known which notifications the session had asked for itself.
bool knows_notifications(const StepResult& result) {
    return result.notified_channels.empty() || !result.own_notifications.empty();
}

void diff_notifications(const StepResult& a, const StepResult& b, std::vector<Divergence>& out) {
    if (a.own_notifications == b.own_notifications || !knows_notifications(a) || !knows_notifications(b)) return;
    out.push_back({DivergenceKind::notice, "notification", {}, notifications_in_words(a), notifications_in_words(b)});
}

/// The value that a step left a setting with, as the server reported it; nullptr: it reported nothing.
const Bytes* reported(const StepResult& result, BytesView setting) {
    const Bytes* last = nullptr;
    for (const auto& [name, value] : result.parameters) {
        if (name == setting) last = &value;
    }
    return last;
}

/// Settings by which clients read values and write them, of those that are reported (PostgreSQL docs, 55.2.7). Who the
/// session is and what it calls itself depends on how a replay logs in.
void diff_settings(const StepResult& a, const StepResult& b, std::vector<Divergence>& out) {
    static constexpr std::array<BytesView, 6> kRead{"client_encoding", "DateStyle",           "IntervalStyle",
                                                    "TimeZone",        "default_transaction_read_only",
                                                    "standard_conforming_strings"};
    if (a.parameters == b.parameters) return;
    const auto in_words = [](const Bytes* value) {
        return value == nullptr ? Bytes("no change") : value->substr(0, kMaxSetting);
    };
    for (const BytesView setting : kRead) {
        const Bytes* left = reported(a, setting);
        const Bytes* right = reported(b, setting);
        if (left == right || (left != nullptr && right != nullptr && *left == *right)) continue;
        out.push_back({DivergenceKind::notice, "setting " + Bytes(setting), {}, in_words(left), in_words(right)});
    }
}

bool surely_same(const StepResult& a, const StepResult& b) {
    return a.outcome == b.outcome && a.rows == b.rows && a.command_tag == b.command_tag &&
           a.row_description == b.row_description && a.parameter_description == b.parameter_description &&
           (a.rows == 0 ||
            (a.comparable().ordered == b.comparable().ordered && a.comparable().multiset == b.comparable().multiset)) &&
           same_error(a, b) && a.notices.empty() && b.notices.empty() && a.notified_channels.empty() &&
           b.notified_channels.empty() && a.own_notifications == b.own_notifications &&
           a.parameters == b.parameters &&
           a.copy.direction == CopyDirection::none && b.copy.direction == CopyDirection::none;
}

std::vector<Divergence> diff_step(const StepResult& a, const StepResult& b, const StepDiffTools& tools) {
    std::vector<Divergence> out;
    if (a.outcome == StepOutcome::error || b.outcome == StepOutcome::error) {
        diff_errors(a, b, out);
        return out;
    }
    if (!tools.scope.results) return out;
    tools.shapes->compare_parameters(a.parameter_description, b.parameter_description, out);
    diff_tags(a, b, out);
    diff_rows(a, b, tools, out);
    diff_copy(a.copy, b.copy, tools, out);
    diff_notices(a, b, tools.scope.notice_texts, out);
    diff_notifications(a, b, out);
    // When a setting is reported, and so in whose answer, changed with PostgreSQL 14.
    if (tools.scope.notice_texts) diff_settings(a, b, out);
    return out;
}

std::vector<Divergence> diff_cursor(const StepResult& a, const StepResult& b, const StepDiffTools& tools) {
    std::vector<Divergence> out;
    diff_rows(a, b, tools, out);
    // Of its columns every page has told already.
    std::erase_if(out, [](const Divergence& one) { return !is_about_rows(one.kind); });
    return out;
}

Bytes answer_in_words(const StepResult& result, const TypeNames& types) {
    switch (result.outcome) {
        case StepOutcome::error: return error_in_words(result);
        case StepOutcome::empty: return "empty query";
        case StepOutcome::skipped: return "skipped after an earlier error";
        case StepOutcome::suspended: return fmt::format("{} rows, more to come", result.rows);
        case StepOutcome::incomplete:
        case StepOutcome::unanswered:
        case StepOutcome::not_sent: return Bytes(to_string(result.outcome));
        case StepOutcome::complete: break;
    }
    if (!result.command_tag.empty()) return result.command_tag;
    if (result.kind == StepKind::describe) {
        return result.row_description.empty() ? "no columns" : ShapeComparer::describe(result.row_description, types);
    }
    return fmt::format("{} complete", to_string(result.kind));
}

}  // namespace understudy::compare

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "schema/check/text_format.hpp"
#include "schema/diff/diff_report.hpp"

namespace understudy::schema {
namespace {

using catalog::ChangeClass;

constexpr std::size_t kMaxText = 300;  ///< of a definition or a statement, in bytes

Bytes cut(BytesView text) {
    if (text.size() <= kMaxText) return printable(text);
    return printable(text.substr(0, kMaxText)) + " …";
}

std::string ago(Timestamp then, Timestamp end) {
    const double seconds = (end - then).to_seconds();
    if (seconds < 1) return "at the capture's end";
    if (seconds < 120) return fmt::format("{:.0f} seconds before the capture's end", seconds);
    if (seconds < 7200) return fmt::format("{:.0f} minutes before the capture's end", seconds / 60);
    return fmt::format("{:.1f} hours before the capture's end", seconds / 3600);
}

std::string rate(std::uint64_t executions, const SchemaBlame& blame) {
    const double hours = (blame.last - blame.first).to_seconds() / 3600;
    std::string text = count_text(executions) + (executions == 1 ? " call" : " calls");
    if (hours * 3600 >= 1)
        text += fmt::format(", {} an hour",
                            count_text(static_cast<std::uint64_t>(static_cast<double>(executions) / hours)));
    return text;
}

std::string users(const TouchingQuery& query) {
    constexpr std::size_t kMaxUsers = 5;
    std::string text;
    std::size_t shown = 0;
    for (const Bytes& user : query.users) {
        if (shown++ == kMaxUsers) return text + fmt::format(" and {} more", query.users.size() - kMaxUsers);
        text += (text.empty() ? "" : ", ") + printable(user.empty() ? BytesView("(unknown)") : BytesView(user));
    }
    return text;
}

std::string queries_text(const BlamedChange& blamed, const SchemaBlame& blame, std::size_t max_queries) {
    std::string text;
    for (std::size_t i = 0; i < std::min(max_queries, blamed.queries.size()); ++i) {
        const TouchingQuery& query = blamed.queries[i];
        text +=
            fmt::format("      {} {} by {}: {}\n        {}\n", query.writes ? "written" : "read",
                        ago(query.last, blame.last), users(query), rate(query.executions, blame), cut(query.statement));
    }
    if (blamed.queries.size() > max_queries) {
        text += fmt::format("      and by {} more statements\n", count_text(blamed.queries.size() - max_queries));
    }
    if (blamed.spared > 0) {
        text += fmt::format("      {} distinct statements touch it, by other roles or in another way: not concerned\n",
                            count_text(blamed.spared));
    }
    return text;
}

std::string change_text(const catalog::ObjectChange& change, const std::vector<catalog::Effect>& effects) {
    std::string text = "    " + cut(catalog::in_words(change)) + "\n";
    for (const catalog::Effect& effect : effects)
        text += fmt::format("      {}: {}\n", to_string(effect.what), effect.why);
    return text;
}

std::string headline(const DiffReport& report) {
    if (report.changes.empty()) return "SAME: the schemas do not differ\n";
    std::array<std::size_t, 5> counts{};
    for (const auto& change : report.changes) ++counts[static_cast<std::size_t>(change.worst())];
    std::string text = fmt::format("DIFFERENT: {} change{}:", count_text(report.changes.size()),
                                   report.changes.size() == 1 ? "" : "s");
    const char* separator = " ";
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        text += fmt::format("{}{} {}", separator, count_text(counts[i]), to_string(static_cast<ChangeClass>(i)));
        separator = ", ";
    }
    return text + "\n";
}

std::string blame_headline(const SchemaBlame& blame) {
    const auto breaking =
        std::count_if(blame.changes.begin(), blame.changes.end(), [](const BlamedChange& one) { return one.breaks(); });
    std::string text =
        fmt::format("{} of them break{} what was recorded: {} distinct statements, {} executions looked at\n",
                    count_text(static_cast<std::uint64_t>(breaking)), breaking == 1 ? "s" : "",
                    count_text(blame.statements), count_text(blame.executions));
    if (blame.unparsed > 0) {
        text += fmt::format("not known of {} statements what they touch: PostgreSQL 15's parser refuses them\n",
                            count_text(blame.unparsed));
    }
    return text;
}

}  // namespace

std::string to_text(const DiffReport& report, std::size_t max_queries) {
    std::string text = headline(report);
    if (report.blame) text += blame_headline(*report.blame);
    text += fmt::format("before  {}  {}\nafter   {}  {}\n", report.fingerprint_before, printable(report.before),
                        report.fingerprint_after, printable(report.after));
    for (const catalog::UnreadPart& part : report.unread) {
        text += fmt::format("not compared: {}: {}\n", printable(part.what), printable(part.why));
    }
    std::optional<ChangeClass> heading;
    for (std::size_t i = 0; i < report.changes.size(); ++i) {
        const auto& change = report.changes[i];
        if (heading != change.worst()) {
            heading = change.worst();
            text += fmt::format("\n  {}\n", to_string(*heading));
        }
        text += change_text(change, change.effects);
        if (report.blame) text += queries_text(report.blame->changes[i], *report.blame, max_queries);
    }
    return text;
}

}  // namespace understudy::schema

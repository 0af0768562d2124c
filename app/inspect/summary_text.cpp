#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/inspect/summary.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kLabelWidth = 16;
constexpr std::size_t kLineWidth = 96;  // of what follows the label
constexpr std::size_t kMaxListed = 12;  // of users, databases …
constexpr std::size_t kMaxName = 40;

class Lines {
public:
    void add(std::string_view label, std::string_view text) {
        fmt::format_to(std::back_inserter(out_), "{:<{}}{}\n", label, kLabelWidth, text);
    }
    /// Items separated by ", ", broken into lines.
    void add_list(std::string_view label, const std::vector<std::string>& items) {
        std::string line;
        for (const std::string& item : items) {
            if (!line.empty() && line.size() + item.size() > kLineWidth) {
                add(label, line + ",");
                label = "";
                line.clear();
            }
            line += (line.empty() ? "" : ", ") + item;
        }
        if (!items.empty()) add(label, line);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
};

using Entry = std::pair<Bytes, std::uint64_t>;

/// "name count", the most frequent first, zeros left out; what is more than `max` is summed up.
std::vector<std::string> listed(const NamedCounts& counts, std::size_t max = std::string::npos) {
    std::vector<Entry> entries;
    for (const auto& [name, count] : counts.values()) {
        if (count > 0) entries.emplace_back(name, count);
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.second > b.second; });
    std::vector<std::string> items;
    for (const auto& [name, count] : entries) {
        if (items.size() == max) {
            items.push_back(counted(entries.size() - max, "other"));
            break;
        }
        items.push_back(fmt::format("{} {}", printable(name, kMaxName), count_text(count)));
    }
    return items;
}

void add_file(Lines& lines, const FileReport& file) {
    const CaptureHeader& header = file.header;
    const std::string server =
        header.server_version.empty() ? "server unknown" : "PostgreSQL " + printable(header.server_version);
    const std::string key = header.key_id.empty() ? "no key" : "key " + printable(header.key_id);
    lines.add("File", file.path);
    lines.add("", fmt::format("{} of {}, {}, results as {}, {}", printable(header.source), utc_text(header.created),
                              server, to_string(header.policy), key));
    if (!header.description.empty()) lines.add("", printable(header.description));
    const std::string read = fmt::format("{} in {}", counted(file.records, "record"), counted(file.chunks, "chunk"));
    lines.add("", file.complete() ? "complete: " + read
                                  : fmt::format("NOT COMPLETE: {}; {}", damage_text(file.damage), read));
}

std::string answers(const Summary& summary) {
    std::vector<std::string> parts{counted(summary.all_steps(), "step")};
    const auto note = [&](StepOutcome outcome) {
        const std::uint64_t count = summary.steps_with(outcome);
        if (count > 0) parts.push_back(fmt::format("{} {}", count_text(count), to_string(outcome)));
    };
    note(StepOutcome::incomplete);
    note(StepOutcome::unanswered);
    note(StepOutcome::skipped);
    note(StepOutcome::not_sent);
    return fmt::format("{}", fmt::join(parts, ", "));
}

void add_quality(Lines& lines, const Summary& summary) {
    const Quality& quality = summary.quality;
    const std::vector<std::string> doubts = summary.doubts();
    lines.add("Quality", fmt::format("{}{} % of {} wholly recorded", doubts.empty() ? "" : "at most ",
                                     std::floor(quality.percent() * 100) / 100, counted(quality.known(), "exchange")));
    const auto note = [&](std::uint64_t count, std::string_view noun, std::string_view what) {
        if (count > 0) lines.add("", fmt::format("{} {}", counted(count, noun), what));
    };
    note(quality.recorded - quality.whole, "exchange", "recorded in part");
    note(quality.dropped, "exchange", "seen and not recorded, as recording could not keep up");
    note(quality.lost, "exchange", "estimated in what is missing from clients");
    note(quality.running, "exchange", "still running at the end, not judged");
    note(quality.unresolved, "request", "for statements prepared before the capture");
    note(quality.inferred, "statement", "of those guessed from other sessions");
    if (const std::uint64_t gaps = quality.client_gaps + quality.server_gaps; gaps > 0) {
        lines.add("", fmt::format("{}, {} known", counted(gaps, "gap"), counted(quality.gap_bytes, "byte")));
    }
    for (const std::string& doubt : doubts) lines.add("", "not known what passed in: " + doubt);
}

void add_losses(Lines& lines, const Summary& summary) {
    std::string_view label = "Loss";
    for (const auto& [name, count] : summary.loss.values()) {
        if (count == 0) continue;
        const std::string_view meaning = loss_meaning(name);
        lines.add(label, fmt::format("{} {}{}{}", printable(name, kMaxName), count_text(count),
                                     meaning.empty() ? "" : ": ", meaning));
        label = "";
    }
    if (!label.empty()) lines.add(label, "none counted");
    if (!summary.session_losses.empty()) {
        lines.add("",
                  counted(summary.session_losses.size(), "session") + " with losses of their own (--json has them)");
    }
    if (summary.left_out > 0) {
        lines.add("Left out", counted(summary.left_out, "event") + " beyond the limits of inspect (docs/inspect.md)");
    }
}

}  // namespace

std::string to_text(const Summary& summary) {
    Lines lines;
    for (const FileReport& file : summary.files) add_file(lines, file);
    lines.add("Time",
              fmt::format("{}, for {}", utc_text(summary.first), duration_text(elapsed(summary.first, summary.last))));
    lines.add("Sessions", summary.joined_sessions == 0
                              ? count_text(summary.sessions)
                              : fmt::format("{}, {} of them open before the capture", count_text(summary.sessions),
                                            count_text(summary.joined_sessions)));
    lines.add_list("  ended", listed(summary.session_ends));
    lines.add_list("  users", listed(summary.users, kMaxListed));
    lines.add_list("  databases", listed(summary.databases, kMaxListed));
    lines.add_list("  applications", listed(summary.applications, kMaxListed));
    lines.add("Exchanges", count_text(summary.exchanges));
    lines.add("Statements", count_text(summary.statements));
    lines.add("Rows", count_text(summary.rows));
    lines.add("Errors", count_text(summary.errors));
    lines.add_list("  SQLSTATE", listed(summary.sqlstates));
    lines.add("Answers", answers(summary));
    add_quality(lines, summary);
    lines.add_list("Frontend", listed(summary.frontend_messages));
    lines.add_list("Backend", listed(summary.backend_messages));
    add_losses(lines, summary);
    if (summary.cancels > 0) lines.add("Cancels", count_text(summary.cancels));
    if (summary.catalogs > 0) lines.add("Catalogues", count_text(summary.catalogs));
    lines.add_list("Counters", listed(summary.counters));
    return lines.take();
}

}  // namespace understudy::app::inspect

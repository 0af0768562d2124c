#include "app/inspect/list_view.hpp"

#include <fmt/format.h>

#include <cmath>

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kShownSql = 160;
constexpr std::size_t kShownTag = 20;
constexpr std::size_t kShownName = 28;
constexpr std::size_t kShownNote = 60;

std::string offset_text(Timestamp origin, Timestamp time) {
    return time.known() ? fmt::format("+{:.6f}", elapsed(origin, time).to_seconds()) : "-";
}

Json offset_json(Timestamp origin, Timestamp time) {
    return time.known() ? Json(milliseconds(elapsed(origin, time))) : Json();
}

Timestamp shown_time(const FollowedStep& step) { return step.asked.known() ? step.asked : step.result.end; }

std::string answer_text(const StepResult& result) {
    if (result.outcome == StepOutcome::error) {
        return fmt::format("ERROR {}",
                           printable(result.error ? result.error->sqlstate() : BytesView("unknown"), kShownTag));
    }
    if (result.outcome != StepOutcome::complete) return std::string(to_string(result.outcome));
    return result.command_tag.empty() ? "ok" : printable(result.command_tag, kShownTag);
}

std::string step_line(const FollowedStep& step, Timestamp origin) {
    const std::string place = fmt::format("{}.{}", step.ordinal.value(), step.step.value());
    return fmt::format("{:>13} {} {:>8} {:<12} {:>10} {:<20} {:>7}  {}\n", offset_text(origin, shown_time(step)),
                       session_text(step.session.id), place, to_string(step.result.kind),
                       step.latency ? duration_text(*step.latency) : "-", answer_text(step.result),
                       count_text(step.result.rows), step.sql ? printable(*step.sql, kShownSql) : "-");
}

Json step_json(const FollowedStep& step, Timestamp origin) {
    const StepResult& result = step.result;
    Json json;
    json["session"] = session_text(step.session.id);
    json["ordinal"] = step.ordinal.value();
    json["step"] = step.step.value();
    json["offset_ms"] = offset_json(origin, shown_time(step));
    json["kind"] = to_string(result.kind);
    json["sql"] = step.sql ? Json(Bytes(*step.sql)) : Json();
    json["outcome"] = key_of(result.outcome);
    json["tag"] = result.command_tag;
    json["rows"] = result.rows;
    json["latency_ms"] = step.latency ? Json(milliseconds(*step.latency)) : Json();
    if (result.error) {
        json["sqlstate"] = Bytes(result.error->sqlstate());
        json["message"] = Bytes(result.error->get('M'));
    }
    if (result.copy.direction != CopyDirection::none) json["copy_bytes"] = result.copy.bytes;
    if (!result.note.empty()) json["note"] = result.note;
    return json;
}

std::string end_text(const SessionInfo& info) {
    std::string text(info.end ? to_string(*info.end) : "end not captured");
    if (info.error) text += fmt::format(": {}", printable(info.error->sqlstate(), kShownTag));
    return text;
}

/// Nothing can be said of what could not be read.
bool opaque(const SessionInfo& info) {
    return info.end == SessionEnd::encrypted || info.end == SessionEnd::replication ||
           info.end == SessionEnd::not_postgresql;
}

std::string quality_text(const SessionInfo& info) {
    if (opaque(info)) return "opaque";
    return fmt::format("{:.4g} %", std::floor(info.quality.percent() * 10) / 10);
}

std::string session_line(const SessionInfo& info, Timestamp origin) {
    const auto known = [](const Bytes& name) { return name.empty() ? BytesView("?") : BytesView(name); };
    const std::string who =
        printable(fmt::format("{}@{}", known(info.identity.user), known(info.identity.database)), kShownName);
    return fmt::format("{} {:<28} {:<20} {:<22} {:>13} {:<6} {:>9} {:>7} {:>8} {:>10}  {}\n", session_text(info.id),
                       who, printable(info.identity.application, 20), printable(info.identity.client, 22),
                       offset_text(origin, info.first), info.joined ? "joined" : "opened", count_text(info.exchanges),
                       count_text(info.errors), quality_text(info), duration_text(elapsed(info.first, info.last)),
                       printable(end_text(info), kShownNote));
}

Json session_json(const SessionInfo& info, Timestamp origin) {
    Json json;
    json["session"] = session_text(info.id);
    json["user"] = info.identity.user;
    json["database"] = info.identity.database;
    json["application"] = info.identity.application;
    json["client"] = info.identity.client;
    json["server"] = info.identity.server;
    json["joined"] = info.joined;
    json["offset_ms"] = offset_json(origin, info.first);
    json["duration_ms"] = milliseconds(elapsed(info.first, info.last));
    json["exchanges"] = info.exchanges;
    json["errors"] = info.errors;
    json["end"] = info.end ? key_of(*info.end) : "unknown";
    if (info.error) json["sqlstate"] = Bytes(info.error->sqlstate());
    json["quality"] = opaque(info) ? Json() : to_json(info.quality);
    for (const auto& [name, value] : info.counters) json["counters"][name] = value;
    return json;
}

std::string_view name_of(ListView::Of of) { return of == ListView::Of::sessions ? "sessions" : "exchanges"; }

}  // namespace

void ListView::start() {
    if (options_.json) {
        const std::string_view name = name_of(options_.of);
        output_(fmt::format("{{\"format_version\":{},\"what\":\"{}\",\"{}\":[", kJsonFormatVersion, name, name));
    } else if (options_.of == Of::sessions) {
        output_(fmt::format("{:<16} {:<28} {:<20} {:<22} {:>13} {:<6} {:>9} {:>7} {:>8} {:>10}  {}\n", "session",
                            "user@database", "application", "client", "seconds", "", "exchanges", "errors", "whole",
                            "duration", "end"));
    } else {
        output_(fmt::format("{:>13} {:<16} {:>8} {:<12} {:>10} {:<20} {:>7}  {}\n", "seconds", "session", "step",
                            "kind", "latency", "answer", "rows", "statement"));
    }
}

/// Whether one more entry is shown; counts it in any case.
bool ListView::admit() {
    ++all_;
    if (options_.limit != 0 && shown_ >= options_.limit) return false;
    ++shown_;
    return true;
}

void ListView::write_json(const Json& json) { output_((shown_ == 1 ? "\n" : ",\n") + dump(json)); }

void ListView::on_step(const FollowedStep& step) {
    if (options_.of != Of::exchanges || !admit()) return;
    if (options_.json) return write_json(step_json(step, origin_));
    output_(step_line(step, origin_));
}

void ListView::on_session_end(const SessionInfo& session) {
    if (options_.of != Of::sessions || !admit()) return;
    if (options_.json) return write_json(session_json(session, origin_));
    output_(session_line(session, origin_));
}

void ListView::finish(const std::vector<FileReport>& files, std::uint64_t left_out) {
    if (options_.json) {
        output_(fmt::format("\n],\"all\":{},\"shown\":{},\"left_out\":{},\"complete\":{}}}\n", all_, shown_, left_out,
                            all_complete(files)));
        return;
    }
    const std::string_view noun = options_.of == Of::sessions ? "session" : "step";
    if (shown_ < all_) output_(fmt::format("{} of {}; --limit 0 shows all\n", count_text(shown_), counted(all_, noun)));
    if (left_out > 0)
        output_(fmt::format("{} beyond the limits of inspect (docs/inspect.md)\n", counted(left_out, "event")));
}

}  // namespace understudy::app::inspect

#include "app/inspect/views.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/capture_input.hpp"
#include "app/inspect/exchange_view.hpp"
#include "app/inspect/live_reader.hpp"
#include "app/inspect/summary.hpp"
#include "app/inspect/timeline.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::app::inspect {
namespace {

using Handler = std::function<void(const Event&)>;

Json document(std::string_view what, bool complete) {
    Json json;
    json["format_version"] = kJsonFormatVersion;
    json["what"] = what;
    json["complete"] = complete;
    return json;
}

/// Reads all files, or follows the one that grows; stops at the first that cannot be read.
Result<std::vector<FileReport>> read_all(const std::vector<std::string>& files, const Handler& handle,
                                         const ViewOptions& options, const std::function<void()>& flush) {
    std::vector<FileReport> reports;
    if (options.follow) {
        UNDERSTUDY_CHECK(follow_capture(files.front(), options.keys, handle, flush));
        return reports;
    }
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(FileReport report, read_capture(file, options.keys, [&](Event&& event) { handle(event); }));
        reports.push_back(std::move(report));
    }
    return reports;
}

/// Calls `begin` with the capture's first instant, before the first event that has one is handed on.
Handler with_origin(const Handler& next, std::function<void(Timestamp)> begin) {
    return [next, begin = std::move(begin), started = false](const Event& event) mutable {
        if (const Timestamp time = store::event_time(event); !started && time.known()) {
            started = true;
            begin(time);
        }
        next(event);
    };
}

Result<void> summarise(const std::vector<std::string>& files, const ViewOptions& options, const Output& out) {
    Summariser summariser;
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(FileReport report,
                       read_capture(file, options.keys, [&](Event&& event) { summariser.on_event(event); }));
        summariser.end_file(std::move(report));
    }
    const Summary summary = summariser.finish();
    out(options.json ? dump_pretty(to_json(summary)) + "\n" : to_text(summary));
    return {};
}

Result<void> list_statements(const std::vector<std::string>& files, const ViewOptions& options, const Output& out) {
    StatementTable table;
    StepFilter filter(options.filter);
    FilteredListener filtered(filter, table);
    Follower follower(filtered, true);
    const Handler handle = with_origin([&](const Event& event) { follower.on_event(event); },
                                       [&](Timestamp start) { filter.set_start(start); });
    UNDERSTUDY_TRY(const auto reports, read_all(files, handle, options, {}));
    follower.finish();
    if (!options.json) {
        out(to_text(table, options.limit, options.order));
        return {};
    }
    Json json = document("statements", all_complete(reports));
    json["statements"] = to_json(table, options.limit, options.order);
    json["all"] = table.sorted().size();
    json["left_out"] = follower.left_out();
    out(dump_pretty(json) + "\n");
    return {};
}

Result<void> draw_timeline(const std::vector<std::string>& files, const ViewOptions& options, const Output& out) {
    Timeline timeline;
    StepFilter filter(options.filter);
    FilteredListener filtered(filter, timeline);
    Follower follower(filtered, options.filter.fingerprint.has_value());
    const Handler handle = with_origin([&](const Event& event) { follower.on_event(event); },
                                       [&](Timestamp start) {
                                           filter.set_start(start);
                                           timeline.set_origin(std::max(start, filter.from()));
                                       });
    UNDERSTUDY_TRY(const auto reports, read_all(files, handle, options, {}));
    follower.finish();
    if (!options.json) {
        out(to_text(timeline));
        return {};
    }
    Json json = document("timeline", all_complete(reports));
    json.update(to_json(timeline));
    json["left_out"] = follower.left_out();
    out(dump_pretty(json) + "\n");
    return {};
}

Result<void> list(const std::vector<std::string>& files, const ViewOptions& options, const Output& out,
                  const std::function<void()>& flush) {
    const auto of = options.what == "sessions" ? ListView::Of::sessions : ListView::Of::exchanges;
    ListView view({of, options.json, options.limit}, out);
    StepFilter filter(options.filter);
    FilteredListener filtered(filter, view);
    Follower follower(filtered, of == ListView::Of::exchanges || options.filter.fingerprint);
    view.start();
    const Handler handle = with_origin([&](const Event& event) { follower.on_event(event); },
                                       [&](Timestamp start) {
                                           filter.set_start(start);
                                           view.set_origin(start);
                                       });
    UNDERSTUDY_TRY(const auto reports, read_all(files, handle, options, flush));
    follower.finish();
    view.finish(reports, follower.left_out());
    return {};
}

Result<void> show_exchange(const std::vector<std::string>& files, const ViewOptions& options, const Output& out) {
    ExchangeView view(*options.exchange);
    UNDERSTUDY_TRY(const auto reports, read_all(files, [&](const Event& event) { view.on_event(event); }, options, {}));
    if (!view.found()) {
        return make_error(Errc::usage,
                          fmt::format("exchange {}:{} is not in the capture", session_text(options.exchange->session),
                                      options.exchange->ordinal.value()));
    }
    if (!options.json) {
        out(view.to_text());
        return {};
    }
    Json json = document("exchange", all_complete(reports));
    json.update(view.to_json());
    out(dump_pretty(json) + "\n");
    return {};
}

}  // namespace

Result<void> show(const std::vector<std::string>& files, const ViewOptions& options, const Output& out,
                  const std::function<void()>& flush) {
    if (options.exchange) return show_exchange(files, options, out);
    if (options.what == "summary") return summarise(files, options, out);
    if (options.what == "statements") return list_statements(files, options, out);
    if (options.what == "timeline") return draw_timeline(files, options, out);
    return list(files, options, out, flush);
}

bool verify(const std::vector<std::string>& files, const store::KeyRing& keys, bool json, const Output& out) {
    std::vector<FileReport> reports;
    for (const std::string& file : files) {
        Errc code = Errc::io;
        reports.push_back(read_capture(file, keys, code, [](Event&&) {}));
        if (!json) out(verify_text(reports.back()) + "\n");
    }
    if (json) out(dump_pretty(verify_json(reports)) + "\n");
    return all_complete(reports);
}

}  // namespace understudy::app::inspect

#include "app/capture/recording.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "app/options.hpp"
#include "core/catalog/type_structures.hpp"

namespace understudy::app {
namespace {

constexpr Duration kTickEvery = Duration::seconds(1);
/// Where nobody looks (a log): a line so often, and when something was lost that was not lost before.
constexpr Duration kLogEvery = Duration::seconds(600);
constexpr Duration kLogLossEvery = Duration::seconds(60);

Result<capture::EventRecorderOptions> recorder_options(const CaptureOptions& options, bool live) {
    capture::EventRecorderOptions recorder;
    recorder.output.path = options.output;
    recorder.output.rotating = options.rotating();
    recorder.output.keep = options.keep;
    recorder.queue_bytes = std::size_t{options.queue_mb} << 20U;
    recorder.may_drop = live;
    if (options.keep > 0 && !options.rotating()) {
        return make_error(Errc::usage, "--keep needs --rotate-size or --rotate-every");
    }
    if (!options.rotate_size.empty()) {
        UNDERSTUDY_TRY(recorder.rotate_size, parse_size(options.rotate_size));
    }
    if (!options.rotate_every.empty()) {
        UNDERSTUDY_TRY(recorder.rotate_every, parse_duration(options.rotate_every));
        if (recorder.rotate_every < Duration::seconds(1)) {
            return make_error(Errc::usage, "--rotate-every takes a second or more");
        }
    }
    if (!options.max_size.empty()) {
        UNDERSTUDY_TRY(recorder.max_size, parse_size(options.max_size));
    }
    std::error_code error;
    if (!options.rotating() && std::filesystem::is_directory(options.output, error)) {
        return make_error(Errc::usage, fmt::format("--output {} is a directory; name a file, or rotate into it with "
                                                   "--rotate-size or --rotate-every",
                                                   options.output));
    }
    return recorder;
}

struct KeyChoice {
    DigestKey key;
    std::string save_to;  ///< empty: it is there already, or goes into the capture alone
};

/// An encrypted capture brings its digest key along, sealed, and what is written to a device or a pipe has no place
/// beside it: then the key lies nowhere else.
Result<KeyChoice> choose_key(const CaptureOptions& options) {
    std::string path = options.key;
    if (path.empty()) {
        std::error_code error;
        const auto output = std::filesystem::status(options.output, error);
        const bool special = std::filesystem::exists(output) && !std::filesystem::is_regular_file(output);
        if (!options.encrypt_to.empty() || (special && !options.rotating()))
            return KeyChoice{DigestKey::generate(), ""};
        path = options.rotating() ? (std::filesystem::path(options.output) / "capture.key").string()
                                  : options.output + ".key";
    }
    if (::access(path.c_str(), F_OK) != 0) return KeyChoice{DigestKey::generate(), path};
    UNDERSTUDY_TRY(const DigestKey key, DigestKey::load(path));
    return KeyChoice{key, ""};
}

}  // namespace

std::string how_stored(const CaptureOptions& options) {
    std::string text;
    if (!options.redact.empty()) text += ", values of the redacted columns as tokens";
    if (!options.encrypt_to.empty()) text += ", for the holder of the secret key only";
    return text;
}

std::uint64_t losses_in(const Counters& counters) {
    std::uint64_t all = 0;
    for (const auto& [name, value] : counters.values) {
        if (name.starts_with("loss.") && name != "loss.bytes_before_join") all += value;
    }
    return all;
}

Result<std::unique_ptr<Recording>> Recording::prepare(const CaptureOptions& options, CaptureHeader header, bool live,
                                                      std::shared_ptr<const catalog::Catalog> catalog) {
    std::unique_ptr<Recording> recording(new Recording());
    UNDERSTUDY_TRY(recording->policy_, parse_policy(options.results));
    if (!options.duration.empty()) {
        UNDERSTUDY_TRY(recording->limit_, parse_duration(options.duration));
    }
    UNDERSTUDY_TRY(recording->recorder_options_, recorder_options(options, live));
    UNDERSTUDY_TRY(const KeyChoice choice, choose_key(options));
    const DigestKey& key = choice.key;
    UNDERSTUDY_TRY(recording->recorder_options_.output.encrypt_to, encryption_to(options.encrypt_to, key));
    UNDERSTUDY_TRY(const auto rules, redaction_rules(options.redact));
    recording->digester_.emplace(key, catalog ? catalog::user_types(*catalog) : pgwire::UserTypes());
    recording->redaction_ = redaction_maker(rules, key, std::move(catalog));
    header.redacted = rules.has_value();
    header.tool_version = UNDERSTUDY_VERSION;
    if (!header.created.known()) header.created = system_clock().now();
    header.policy = recording->policy_;
    header.key_id = key.id();
    recording->rotating_ = options.rotating();
    recording->quiet_ = options.quiet;
    recording->terminal_ = isatty(STDERR_FILENO) != 0;
    recording->begun_ = recording->ticked_ = recording->shown_ = header.created;
    recording->header_ = std::move(header);
    recording->key_ = key;
    recording->save_key_to_ = choice.save_to;
    return recording;
}

Result<void> Recording::open() {
    UNDERSTUDY_TRY(recorder_, capture::EventRecorder::start(recorder_options_, header_));
    return save_key_to_.empty() ? Result<void>() : key_->save(save_key_to_);
}

bool Recording::go_on(Timestamp now) {
    if (stop_requested()) return false;
    if (take_hangup()) {
        if (!rotating_) {  // the terminal is gone
            reason_ = "hung up";
            return false;
        }
        recorder_->request_rotation();
        tick_now_ = true;
    }
    if (limit_.count_ns() > 0 && now - begun_ >= limit_) reason_ = "the duration is over";
    if (recorder_->full()) reason_ = "--max-size is reached";
    return reason_.empty();
}

void Recording::tick(Timestamp now, const std::function<SourceProgress()>& progress) {
    if (now - ticked_ < kTickEvery && !tick_now_.exchange(false)) return;
    ticked_ = now;
    SourceProgress current = progress();
    recorder_->add_counters(current.counters);
    recorder_->tick(now, current.counters);
    show(now, current);
}

void Recording::show(Timestamp now, const SourceProgress& progress) {
    if (quiet_) return;
    const std::uint64_t loss = losses_in(progress.counters);
    const Duration since = now - shown_;
    const auto failure = recorder_->failure();
    const bool failed_now = failure && !failure_said_;
    failure_said_ = failure.has_value();
    const bool due = terminal_ || failed_now || since >= kLogEvery || (loss > shown_loss_ && since >= kLogLossEvery);
    const double seconds = since.to_seconds();
    if (!due || seconds <= 0) return;
    const capture::EventRecorder::Stats stats = recorder_->stats();
    const auto rate = [&](std::uint64_t value, std::uint64_t before) {
        return static_cast<double>(value - before) / seconds;
    };
    std::string line = fmt::format("{}  {} sessions ({} open)  {:.0f} exchanges/s  {:.1f} MB/s  {} written",
                                   human_duration(now - begun_), human_count(progress.sessions),
                                   human_count(progress.open_sessions), rate(stats.exchanges, shown_exchanges_),
                                   rate(progress.bytes, shown_bytes_) / 1e6, human_bytes(stats.bytes_written));
    if (stats.bytes_waiting > 4U << 20U) line += fmt::format(" ({} waiting)", human_bytes(stats.bytes_waiting));
    line += loss == 0 ? "  no loss" : "  LOST:";
    for (const auto& [name, value] : progress.counters.values) {
        if (name.starts_with("loss.") && name != "loss.bytes_before_join" && value > 0) {
            line += fmt::format(" {} {}", name.substr(5), human_count(value));
        }
    }
    if (failure) line += "  NOT RECORDING: " + failure->message;
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", line, terminal_ ? "\033[K" : "\n");
    std::fflush(stderr);
    shown_ = now;
    shown_exchanges_ = stats.exchanges;
    shown_bytes_ = progress.bytes;
    shown_loss_ = loss;
}

Result<void> Recording::finish(Counters counters) {
    if (terminal_ && !quiet_ && shown_ != begun_) fmt::print(stderr, "\n");
    recorder_->add_counters(counters);
    return recorder_->finish(counters);
}

std::string Recording::outcome() const {
    const capture::EventRecorder::Stats stats = recorder_->stats();
    std::string text = fmt::format("{} exchanges, {}", human_count(stats.exchanges), human_bytes(stats.bytes_written));
    if (stats.files > 1) text += fmt::format(" in {} files", stats.files);
    if (!reason_.empty()) text += "; ended as " + reason_;
    return text;
}

}  // namespace understudy::app

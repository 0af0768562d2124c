#include "app/capture/packet_capture.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <filesystem>

#include "app/capture/identification.hpp"
#include "app/capture/privileges.hpp"
#include "app/capture/recording.hpp"
#include "app/command.hpp"
#include "app/options.hpp"
#include "capture/pipeline.hpp"
#include "capture/source/pcap_group.hpp"

namespace understudy::app {
namespace {

constexpr int kPacketsAtOnce = 4096;
constexpr int kMinSnapLength = 96;
constexpr Duration kDrain = Duration::milliseconds(500);

Result<capture::PcapGroup> open_source(const CaptureOptions& options) {
    if (!options.pcap.empty()) {
        UNDERSTUDY_TRY(capture::PcapSource file, capture::PcapSource::open_file(options.pcap, options.bpf));
        return capture::PcapGroup::of(std::move(file));
    }
    capture::LiveOptions live;
    live.snap_length = options.snap_length;
    live.buffer_bytes = options.buffer_mb << 20;
    live.filter = options.bpf;
    if (live.filter.empty()) {
        for (const std::uint16_t port : options.ports) {
            live.filter += fmt::format("{}tcp port {}", live.filter.empty() ? "" : " or ", port);
        }
        // Tagged packets of a trunk do not match a filter without "vlan", and no packet matches one behind it.
        live.filter_with_vlan = fmt::format("({}) or (vlan and ({}))", live.filter, live.filter);
    }
    Result<capture::PcapGroup> source = capture::PcapGroup::open_live(options.interfaces, live);
    // A bad filter is wrong usage; an interface that this machine lacks is its environment.
    const bool missing = std::any_of(options.interfaces.begin(), options.interfaces.end(), [](const std::string& name) {
        return name != "any" && if_nametoindex(name.c_str()) == 0;
    });
    if (!source && source.error().code == Errc::usage && missing) {
        return make_error(Errc::io, source.error().message);
    }
    return source;
}

/// One run of the command, from the open interface to the whole file.
class PacketCapture {
public:
    PacketCapture(const CaptureOptions& options, capture::PcapGroup source, Recording& recording)
        : options_(options), source_(std::move(source)), recording_(recording) {
        capture::PipelineOptions pipeline;
        pipeline.flows.server_ports = options.ports;
        pipeline.policy = recording.policy();
        pipeline.redaction = recording.redaction();
        pipeline_.emplace(pipeline, recording.digester(), recording.recorder());
    }

    capture::CapturePipeline& pipeline() { return *pipeline_; }

    /// Reads packets until the source ends or the capture is to end. A cut file is an error, but what was in it has
    /// been recorded.
    Result<void> read() {
        const bool live = options_.pcap.empty();
        const Clock& clock = system_clock();
        while (true) {
            UNDERSTUDY_TRY(const capture::ReadStatus status, source_.read(*pipeline_, kPacketsAtOnce));
            if (status == capture::ReadStatus::end) return {};
            if (const auto failure = recording_.recorder().failure()) return *failure;
            const Timestamp now = clock.now();
            if (live && status == capture::ReadStatus::idle) pipeline_->advance(now);
            recording_.tick(now, [&] { return progress(); });
            if (!recording_.go_on(now)) return live ? drain() : Result<void>();
        }
    }

    /// What came before the end and is still in the kernel.
    Result<void> drain() {
        const Timestamp end = system_clock().now() + kDrain;
        while (system_clock().now() < end) {
            UNDERSTUDY_TRY(const capture::ReadStatus status, source_.read(*pipeline_, kPacketsAtOnce));
            if (status != capture::ReadStatus::packets) break;
        }
        source_.flush(*pipeline_);
        return {};
    }

    Result<void> finish() {
        if (auto last = source_.stats()) stats_ = *last;
        pipeline_->finish(stats_);
        return recording_.finish(pipeline_->counters(stats_));
    }

    int conclude();

private:
    SourceProgress progress() {
        if (auto now = source_.stats()) stats_ = *now;
        const capture::PipelineProgress pipeline = pipeline_->progress();
        SourceProgress progress;
        progress.sessions = pipeline.sessions;
        progress.open_sessions = pipeline.open_sessions;
        progress.bytes = pipeline.bytes;
        progress.counters = pipeline_->counters(stats_);
        return progress;
    }

    const CaptureOptions& options_;
    capture::PcapGroup source_;
    Recording& recording_;
    std::optional<capture::CapturePipeline> pipeline_;
    capture::PcapStats stats_;
};

/// What to tell, and how to exit, once the capture is over: a capture without a statement must not look like success.
int PacketCapture::conclude() {
    const Counters counters = pipeline_->counters(stats_);
    const auto value = [&](const char* name) {
        const auto found = counters.values.find(name);
        return found == counters.values.end() ? std::uint64_t{0} : found->second;
    };
    const capture::PipelineProgress progress = pipeline_->progress();
    const capture::EventRecorder::Stats recorded = recording_.recorder().stats();
    fmt::print(stderr, "{}: {} packets, {} sessions, {}\n", options_.output, human_count(progress.packets),
               human_count(progress.sessions), recording_.outcome());
    if (const std::uint64_t encrypted = value("sessions.encrypted"); encrypted > 0) {
        fmt::print(stderr,
                   "{} sessions are encrypted and were counted only: capture behind the place where TLS ends, or with "
                   "the proxy (--listen)\n",
                   human_count(encrypted));
    }
    if (stats_.dropped_by_kernel > 0) {
        fmt::print(stderr, "the kernel dropped {} packets: raise --buffer-mb or narrow --bpf\n",
                   human_count(stats_.dropped_by_kernel));
    }
    if (recorded.exchanges_dropped > 0) {
        fmt::print(stderr, "{} exchanges were left out as the disk could not keep up: raise --queue-mb\n",
                   human_count(recorded.exchanges_dropped));
    }
    if (progress.postgresql_sessions > 0) return kPassed;
    std::string seen;
    for (const char* name :
         {"packets.total", "packets.tcp", "packets.not_tcp", "packets.not_ip", "packets.fragment", "packets.truncated",
          "packets.malformed", "packets.unsupported_link", "segments.not_watched"}) {
        if (value(name) > 0) seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", name, value(name));
    }
    return fail(
        make_error(Errc::inconclusive,
                   fmt::format("no PostgreSQL session on port {} was seen (--port names others); seen instead: {}",
                               fmt::join(options_.ports, ", "), seen.empty() ? "nothing" : seen)));
}

}  // namespace

Result<int> capture_packets(CaptureOptions options) {
    if (options.ports.empty()) options.ports = {5432};
    const bool live = options.pcap.empty();
    std::error_code missing;  // an output that is not there yet is none of them
    if (!live && std::filesystem::equivalent(options.pcap, options.output, missing)) {
        return make_error(Errc::usage, fmt::format("--output {} would overwrite the packets to read", options.output));
    }
    if (options.snap_length < kMinSnapLength) {
        return make_error(Errc::usage, fmt::format("--snap-length {} leaves no statement; {} is the least",
                                                   options.snap_length, kMinSnapLength));
    }
    watch_for_stop();
    if (live) watch_for_hangup();
    UNDERSTUDY_TRY(capture::PcapGroup source, open_source(options));
    if (!options.user.empty()) UNDERSTUDY_CHECK(become_user(options.user));
    std::optional<Identification> identified;
    if (!options.identify.empty()) {
        UNDERSTUDY_TRY(identified, identify_server(options.identify));
    }
    CaptureHeader header;
    header.source = "packets";
    header.created = system_clock().now();
    header.description =
        live ? fmt::format("interface {}", fmt::join(options.interfaces, ", ")) : "file " + options.pcap;
    if (identified) identified->describe(header);
    UNDERSTUDY_TRY(const auto recording,
                   Recording::prepare(options, header, live, identified ? identified->catalog : nullptr));
    UNDERSTUDY_CHECK(recording->open());
    PacketCapture capture(options, std::move(source), *recording);
    if (identified) identified->enter(capture.pipeline(), recording->recorder(), header.created);
    if (live) {
        fmt::print(stderr,
                   "capturing on {} into {}; statements and bound values are stored as sent{}. Ctrl-C ends it.\n",
                   fmt::join(options.interfaces, ", "), options.output, how_stored(options));
    }
    const Result<void> read = capture.read();
    UNDERSTUDY_CHECK(capture.finish());
    const int exit_code = capture.conclude();
    if (!read) {
        return make_error(read.error().code,
                          fmt::format("{}; what came before is in {}", read.error().message, options.output));
    }
    return exit_code;
}

}  // namespace understudy::app

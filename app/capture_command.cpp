#include <fmt/format.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "app/command.hpp"
#include "app/options.hpp"
#include "capture/pipeline.hpp"
#include "capture/source/pcap_source.hpp"
#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_catalog.hpp"
#include "core/catalog/server_identity.hpp"
#include "core/store/capture_writer.hpp"

namespace understudy::app {
namespace {

struct CaptureOptions {
    std::string interface;
    std::string pcap;
    std::string output;
    std::string bpf;
    std::string identify;
    std::string key;
    std::string results = "digest";
    std::string duration;
    std::vector<std::uint16_t> ports;
    int snap_length = 262'144;
    int buffer_mb = 64;
    bool quiet = false;
};

constexpr Duration kFlushEvery = Duration::seconds(1);
constexpr Duration kStatusEvery = Duration::seconds(1);

struct Identified {
    catalog::ServerIdentity identity;
    Bytes catalog;
};

Result<Identified> identify(const std::string& conninfo) {
    Identified identified;
    UNDERSTUDY_TRY(identified.identity, catalog::read_identity(conninfo));
    UNDERSTUDY_TRY(const catalog::Catalog catalog, catalog::read_catalog(conninfo));
    identified.catalog = catalog::encode(catalog);
    return identified;
}

Result<capture::PcapSource> open_source(const CaptureOptions& options) {
    if (!options.pcap.empty()) return capture::PcapSource::open_file(options.pcap);
    capture::LiveOptions live;
    live.interface = options.interface;
    live.snap_length = options.snap_length;
    live.buffer_bytes = options.buffer_mb << 20;
    live.filter = options.bpf;
    if (live.filter.empty()) {
        for (const std::uint16_t port : options.ports) {
            live.filter += fmt::format("{}tcp port {}", live.filter.empty() ? "" : " or ", port);
        }
    }
    Result<capture::PcapSource> source = capture::PcapSource::open_live(live);
    // A bad filter is wrong usage; an interface that this machine lacks is its environment.
    const bool missing = options.interface != "any" && if_nametoindex(options.interface.c_str()) == 0;
    if (!source && source.error().code == Errc::usage && missing) {
        return make_error(Errc::io, source.error().message);
    }
    return source;
}

void print_status(const capture::CapturePipeline& pipeline, const store::CaptureFile& file,
                  const capture::PcapStats& stats, Duration elapsed) {
    const capture::PipelineProgress progress = pipeline.progress();
    fmt::print(stderr, "\r{}  {} packets  {} sessions ({} open)  {} read, {} written  {} dropped by the kernel \033[K",
               human_duration(elapsed), human_count(progress.packets), human_count(progress.sessions),
               human_count(progress.open_sessions), human_bytes(progress.bytes), human_bytes(file.size()),
               stats.dropped_by_kernel);
    std::fflush(stderr);
}

/// Reads packets until the source ends, the duration is over, or a signal comes. A cut file is an error, but what was
/// in it has been handed over.
Result<void> read_packets(capture::PcapSource& source, capture::CapturePipeline& pipeline, store::EventWriter& writer,
                          const store::CaptureFile& file, Duration limit, bool live, bool quiet) {
    const Clock& clock = system_clock();
    const Timestamp start = clock.now();
    Timestamp flushed = start;
    Timestamp shown = start;
    const bool show = live && !quiet && isatty(STDERR_FILENO) != 0;
    while (!stop_requested()) {
        UNDERSTUDY_TRY(const capture::ReadStatus status, source.read(pipeline, 4096));
        if (status == capture::ReadStatus::end) break;
        if (writer.failure()) return *writer.failure();
        if (!live) continue;
        const Timestamp now = clock.now();
        if (status == capture::ReadStatus::idle) pipeline.advance(now);
        if (now - flushed >= kFlushEvery) {
            UNDERSTUDY_TRY(const capture::PcapStats stats, source.stats());
            writer.on_event(pipeline.counters(stats));  // what a killed capture leaves tells its losses
            writer.flush();
            flushed = now;
        }
        if (show && now - shown >= kStatusEvery) {
            UNDERSTUDY_TRY(const capture::PcapStats stats, source.stats());
            print_status(pipeline, file, stats, now - start);
            shown = now;
        }
        if (limit.count_ns() > 0 && now - start >= limit) break;
    }
    if (show) fmt::print(stderr, "\n");
    return {};
}

/// What to tell, and how to exit, once the capture is over: a capture without a statement must not look like success.
int conclude(const CaptureOptions& options, const capture::CapturePipeline& pipeline, const capture::PcapStats& stats,
             std::uint64_t exchanges_written) {
    const Counters counters = pipeline.counters(stats);
    const auto value = [&](const char* name) {
        const auto found = counters.values.find(name);
        return found == counters.values.end() ? std::uint64_t{0} : found->second;
    };
    const std::uint64_t encrypted = value("sessions.encrypted");
    const capture::PipelineProgress progress = pipeline.progress();
    fmt::print(stderr, "{}: {} packets, {} sessions, {} records\n", options.output, human_count(progress.packets),
               human_count(progress.sessions), human_count(exchanges_written));
    if (encrypted > 0) {
        fmt::print(stderr, "{} sessions are encrypted and were counted only: capture behind the place where TLS ends\n",
                   human_count(encrypted));
    }
    if (stats.dropped_by_kernel > 0) {
        fmt::print(stderr, "the kernel dropped {} packets: raise --buffer-mb or narrow --bpf\n",
                   human_count(stats.dropped_by_kernel));
    }
    if (progress.postgresql_sessions > 0) return kPassed;
    std::string seen;
    for (const char* name :
         {"packets.total", "packets.tcp", "packets.not_tcp", "packets.not_ip", "packets.fragment", "packets.truncated",
          "packets.malformed", "packets.unsupported_link", "segments.not_watched"}) {
        if (value(name) > 0) seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", name, value(name));
    }
    std::string ports;
    for (const std::uint16_t port : options.ports) ports += fmt::format("{}{}", ports.empty() ? "" : ", ", port);
    return fail(
        make_error(Errc::inconclusive,
                   fmt::format("no PostgreSQL session on port {} was seen (--port names others); seen instead: {}",
                               ports, seen.empty() ? "nothing" : seen)));
}

Result<int> run_capture(CaptureOptions options) {
    if (options.interface.empty() == options.pcap.empty()) {
        return make_error(Errc::usage, "say what to capture: either --interface NAME or --pcap FILE");
    }
    if (options.ports.empty()) options.ports = {5432};
    UNDERSTUDY_TRY(const ResultsPolicy policy, parse_policy(options.results));
    Duration limit;
    if (!options.duration.empty()) {
        UNDERSTUDY_TRY(limit, parse_duration(options.duration));
    }
    const bool live = options.pcap.empty();
    std::error_code missing;  // an output that is not there yet is none of them
    if (!live && std::filesystem::equivalent(options.pcap, options.output, missing)) {
        return make_error(Errc::usage, fmt::format("--output {} would overwrite the packets to read", options.output));
    }
    UNDERSTUDY_TRY(capture::PcapSource source, open_source(options));
    std::optional<Identified> identified;
    if (!options.identify.empty()) {
        UNDERSTUDY_TRY(identified, identify(options.identify));
    }
    UNDERSTUDY_TRY(const DigestKey key, load_key(options.key, options.output, true));

    CaptureHeader header;
    header.source = "packets";
    header.tool_version = UNDERSTUDY_VERSION;
    header.created = system_clock().now();
    header.policy = policy;
    header.key_id = key.id();
    header.description = live ? "interface " + options.interface : "file " + options.pcap;
    if (identified) {
        header.server_version = identified->identity.version;
        header.system_identifier = identified->identity.system_identifier;
        header.wal_position = identified->identity.wal_position;
    }
    UNDERSTUDY_TRY(const auto file, store::CaptureFile::create(options.output, header));
    store::EventWriter writer(*file);
    if (identified) {
        writer.on_event(CatalogRecord{header.created, identified->identity.database, std::move(identified->catalog)});
    }
    const Digester digester(key);
    capture::PipelineOptions pipeline_options;
    pipeline_options.flows.server_ports = options.ports;
    pipeline_options.policy = policy;
    capture::CapturePipeline pipeline(pipeline_options, digester, writer);

    watch_for_stop();
    if (live) {
        fmt::print(stderr, "capturing on {} into {}; statements and bound values are stored as sent. Ctrl-C ends it.\n",
                   options.interface, options.output);
    }
    const Result<void> read = read_packets(source, pipeline, writer, *file, limit, live, options.quiet);
    capture::PcapStats stats;
    if (auto final_stats = source.stats()) stats = *final_stats;
    pipeline.finish(stats);
    writer.flush();
    if (writer.failure()) return *writer.failure();
    UNDERSTUDY_CHECK(file->finish());
    const int exit_code = conclude(options, pipeline, stats, writer.events());
    if (!read) {
        return make_error(read.error().code,
                          fmt::format("{}; what came before is in {}", read.error().message, options.output));
    }
    return exit_code;
}

}  // namespace

void add_capture_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CaptureOptions>();
    CLI::App* command = app.add_subcommand("capture", "Record what a PostgreSQL server is asked and what it answers");
    command->add_option("-i,--interface", options->interface, "Network interface to listen on, e.g. eth0, lo, any");
    command->add_option("--pcap", options->pcap, "Read packets from a pcap or pcapng file ('-': standard input)");
    command->add_option("-p,--port", options->ports, "Port of the server; may be given more than once (default 5432)");
    command->add_option("-o,--output", options->output, "Capture file to write; an existing one is replaced")
        ->required();
    command->add_option("--duration", options->duration, "Stop after this time, e.g. 60s or 10m");
    command
        ->add_option("--results", options->results,
                     "What to keep of results: digest (keyed hashes), sample (and rows of small results), full")
        ->capture_default_str();
    command->add_option("--bpf", options->bpf, "Packet filter instead of 'tcp port PORT' (pcap-filter(7))");
    command->add_option("--identify", options->identify,
                        "Connect once, read-only, to record the server's version, identity and catalogue");
    command->add_option("--key", options->key, "Digest key file (default OUTPUT.key, made when it is not there)");
    command->add_option("--snap-length", options->snap_length, "Bytes kept of each packet")->capture_default_str();
    command->add_option("--buffer-mb", options->buffer_mb, "Kernel buffer for packets, in MiB")
        ->check(CLI::Range(1, 2047))
        ->capture_default_str();
    command->add_flag("-q,--quiet", options->quiet, "No status line");
    command->footer(
        "Examples:\n"
        "  understudy capture --interface eth0 --output prod.pgcap --duration 10m\n"
        "  understudy capture --interface lo --port 5433 --output prod.pgcap --identify 'host=/run/postgresql'\n"
        "  understudy capture --pcap dump.pcapng --port 5432 --port 6432 --output prod.pgcap\n"
        "Needs CAP_NET_RAW for --interface. Ctrl-C ends the capture and leaves a whole file.\n"
        "Statements and bound values are stored as sent; passwords are not. Files are readable by their owner only.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_capture(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app

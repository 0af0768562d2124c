#include <memory>

#include "app/capture/capture_options.hpp"
#include "app/capture/packet_capture.hpp"
#include "app/command.hpp"

namespace understudy::app {
namespace {

Result<int> run_capture(const CaptureOptions& options) {
    const int sources = (options.interfaces.empty() ? 0 : 1) + (options.pcap.empty() ? 0 : 1);
    if (sources != 1) {
        return make_error(Errc::usage, "say what to capture: either --interface NAME or --pcap FILE");
    }
    return capture_packets(options);
}

void add_packet_options(CLI::App& command, CaptureOptions& options) {
    command
        .add_option("-i,--interface", options.interfaces,
                    "Network interface to listen on, e.g. eth0, lo, any; may be given more than once")
        ->group("Packets");
    command.add_option("--pcap", options.pcap, "Read packets from a pcap or pcapng file ('-': standard input)")
        ->group("Packets");
    command.add_option("-p,--port", options.ports, "Port of the server; may be given more than once (default 5432)")
        ->group("Packets");
    command.add_option("--bpf", options.bpf, "Packet filter instead of 'tcp port PORT' (pcap-filter(7))")
        ->group("Packets");
    command
        .add_option("--identify", options.identify,
                    "Connect once, read-only, to record the server's version, identity and catalogue, and who the open "
                    "sessions are")
        ->group("Packets");
    command.add_option("--snap-length", options.snap_length, "Bytes kept of each packet")
        ->capture_default_str()
        ->group("Packets");
    command.add_option("--buffer-mb", options.buffer_mb, "Kernel buffer for packets, in MiB, of each interface")
        ->check(CLI::Range(1, 2047))
        ->capture_default_str()
        ->group("Packets");
    command.add_option("--user", options.user, "Become this user once the interface is open (started as root)")
        ->group("Packets");
}

void add_output_options(CLI::App& command, CaptureOptions& options) {
    command
        .add_option("-o,--output", options.output,
                    "Capture file to write, an existing one is replaced; with rotation a directory")
        ->required();
    command
        .add_option("--results", options.results,
                    "What to keep of results: digest (keyed hashes), sample (and rows of small results), full")
        ->capture_default_str();
    command.add_option("--key", options.key, "Digest key file (default OUTPUT.key, made when it is not there)");
    command.add_option("--encrypt-to", options.encrypt_to,
                       "Encrypt the capture to this public key (understudy keygen); its digest key goes into it");
    command.add_option("--duration", options.duration, "Stop after this time, e.g. 60s, 10m or 8h");
    command.add_option("--max-size", options.max_size, "Stop when so much is written, e.g. 10GB");
    command.add_option("--rotate-size", options.rotate_size, "Begin a new file when one has this size, e.g. 500MB");
    command.add_option("--rotate-every", options.rotate_every,
                       "Begin a new file after this time, e.g. 1h; also on SIGHUP");
    command.add_option("--keep", options.keep, "With rotation: keep this many files, delete the oldest");
    command
        .add_option("--queue-mb", options.queue_mb,
                    "Memory for what waits to be written, in MiB; past it exchanges are left out")
        ->check(CLI::Range(1U, 16'384U))
        ->capture_default_str();
    command.add_flag("-q,--quiet", options.quiet, "No status line");
}

}  // namespace

void add_capture_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CaptureOptions>();
    CLI::App* command = app.add_subcommand("capture", "Record what a PostgreSQL server is asked and what it answers");
    add_packet_options(*command, *options);
    add_output_options(*command, *options);
    command->footer(
        "Examples:\n"
        "  understudy capture --interface eth0 --output prod.pgcap --duration 10m\n"
        "  understudy capture --interface lo --port 5433 --output prod.pgcap --identify 'host=/run/postgresql'\n"
        "  understudy capture --interface eth0 --output /var/lib/understudy --rotate-every 1h --keep 48 --user nobody\n"
        "  understudy capture --pcap dump.pcapng --port 5432 --port 6432 --output prod.pgcap\n"
        "Needs CAP_NET_RAW for --interface (tools/systemd has a unit). Ctrl-C ends the capture and leaves a whole "
        "file;\n"
        "SIGHUP begins a new one where files rotate.\n"
        "Statements and bound values are stored as sent; passwords are not. Files are readable by their owner only.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_capture(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app

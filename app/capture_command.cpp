#include <memory>

#include "app/capture/capture_options.hpp"
#include "app/capture/log_capture.hpp"
#include "app/capture/packet_capture.hpp"
#include "app/capture/proxy_capture.hpp"
#include "app/command.hpp"

namespace understudy::app {
namespace {

/// Options of a source that is not the one asked for would be ignored: whoever gave them expects something of them.
Result<void> refuse_options_of_others(const CLI::App& command, const char* source) {
    for (const char* group : {"Packets", "Proxy", "Logs"}) {
        if (std::string_view(group) == source) continue;
        for (const CLI::Option* option : command.get_options()) {
            if (option->get_group() != group || option->count() == 0) continue;
            return make_error(Errc::usage, option->get_name() + " belongs to another source (" + group +
                                               "); see understudy capture --help");
        }
    }
    return {};
}

Result<int> run_capture(const CLI::App& command, const CaptureOptions& options) {
    const int sources = (options.interfaces.empty() ? 0 : 1) + (options.pcap.empty() ? 0 : 1) +
                        (options.listen.empty() ? 0 : 1) + (options.logs.empty() ? 0 : 1);
    if (sources != 1) {
        return make_error(Errc::usage,
                          "say what to capture, one of: --interface NAME, --pcap FILE, --listen ADDRESS:PORT "
                          "with --upstream HOST:PORT, --log FILE");
    }
    const char* source = !options.listen.empty() ? "Proxy" : !options.logs.empty() ? "Logs" : "Packets";
    UNDERSTUDY_CHECK(refuse_options_of_others(command, source));
    if (!options.listen.empty()) return capture_proxy(options);
    if (!options.logs.empty()) return capture_logs(options);
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
    command.add_option("--snap-length", options.snap_length, "Bytes kept of each packet")
        ->capture_default_str()
        ->group("Packets");
    command.add_option("--buffer-mb", options.buffer_mb, "Kernel buffer for packets, in MiB, of each interface")
        ->check(CLI::Range(1, 2047))
        ->capture_default_str()
        ->group("Packets");
    command.add_option("--user", options.user,
                       "Become this user once the interface or the port is open (started as root)");
}

void add_proxy_options(CLI::App& command, CaptureOptions& options) {
    const auto add = [&](const char* name, auto& value, const char* description) {
        return command.add_option(name, value, description)->group("Proxy");
    };
    add("--listen", options.listen,
        "Relay connections that come here: ADDRESS:PORT, *:PORT, /DIRECTORY:PORT; may be given more than once");
    add("--upstream", options.upstream, "The server to relay to: HOST:PORT or /DIRECTORY:PORT");
    add("--tls-cert", options.tls_certificate, "PEM certificate chain for clients that ask for TLS");
    add("--tls-key", options.tls_key, "Its private key");
    add("--upstream-sslmode", options.upstream_sslmode,
        "disable, allow, prefer, require, verify-ca or verify-full, as libpq has them")
        ->capture_default_str();
    add("--upstream-sslrootcert", options.upstream_root_certificate, "PEM file of authorities, or 'system'");
    add("--upstream-sslcert", options.upstream_certificate, "PEM certificate that the proxy shows to the server");
    add("--upstream-sslkey", options.upstream_key, "Its private key");
    add("--threads", options.threads, "Threads that relay")->check(CLI::Range(1U, 64U))->capture_default_str();
    add("--grace", options.grace, "At the end, how long open connections may go on")->capture_default_str();
}

void add_log_options(CLI::App& command, CaptureOptions& options) {
    const auto add = [&](const char* name, auto& value, const char* description) {
        return command.add_option(name, value, description)->group("Logs");
    };
    add("--log", options.logs, "Logs of the server: csvlog, jsonlog or stderr, plain, gzip or zstd, in any order");
    add("--log-line-prefix", options.log_line_prefix, "The server's log_line_prefix (default: guessed)");
    add("--log-format", options.log_format, "csvlog, jsonlog or stderr (default: what the content looks like)");
    add("--log-parameter-max-length", options.log_parameter_max_length,
        "The server's setting, where it is not the default: values of that length were cut");
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
    command.add_option(
        "--redact", options.redact,
        "Replace the values of these columns by keyed tokens: users.email, *.password_hash, or @FILE with "
        "a rule in each line; may be given more than once (docs/security.md)");
    command.add_option("--identify", options.identify,
                       "Connect once, read-only, to record the server's version, identity and catalogue, and who the "
                       "open sessions are");
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
    add_proxy_options(*command, *options);
    add_log_options(*command, *options);
    add_output_options(*command, *options);
    command->footer(
        "Examples:\n"
        "  understudy capture --interface eth0 --output prod.pgcap --duration 10m\n"
        "  understudy capture --interface lo --port 5433 --output prod.pgcap --identify 'host=/run/postgresql'\n"
        "  understudy capture --interface eth0 --output /var/lib/understudy --rotate-every 1h --keep 48 --user nobody\n"
        "  understudy capture --pcap dump.pcapng --port 5432 --port 6432 --output prod.pgcap\n"
        "  understudy capture --listen '*:6432' --upstream db1:5432 --output prod.pgcap\n"
        "  understudy capture --log /var/log/postgresql/*.csv --output prod.pgcap\n"
        "Needs CAP_NET_RAW for --interface (tools/systemd has a unit). Ctrl-C ends the capture and leaves a whole "
        "file;\n"
        "SIGHUP begins a new one where files rotate.\n"
        "Statements and bound values are stored as sent; passwords are not. Files are readable by their owner only.");
    command->callback([command, options, &exit_code] {
        const Result<int> result = run_capture(*command, *options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app

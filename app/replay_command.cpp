#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "app/command.hpp"
#include "app/keys.hpp"
#include "app/options.hpp"
#include "app/production_id.hpp"
#include "app/replay/login_failure_text.hpp"
#include "app/replay/order_options.hpp"
#include "app/replay/remap_options.hpp"
#include "app/replay/replay_choice.hpp"
#include "app/replay/replay_counters.hpp"
#include "app/replay/resume.hpp"
#include "app/replay/target_options.hpp"
#include "app/progress_file.hpp"
#include "app/replay_progress.hpp"
#include "app/web/status_server.hpp"
#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_catalog.hpp"
#include "core/catalog/type_structures.hpp"
#include "core/catalog/server_identity.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "replay/run/engine.hpp"
#include "replay/start_state/probe_run.hpp"

namespace understudy::app {
namespace {

struct ReplayOptions {
    std::string capture;
    TargetOptionTexts target;
    std::string output;
    std::string speed = "1";
    std::string results = "sample";
    ReplayChoice choice;
    Keys keys;
    std::string encrypt_to;
    std::string production_id;
    std::string status;
    std::string progress_json;
    std::string drain = "60s";
    OrderOptions order;
    std::vector<std::string> allow;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency() / 2);
    RemapOptions remap;
    bool ignore_start_state = false;
    bool quiet = false;
};

constexpr double kMinSpeed = 0.001;  // a slower one would overflow due times

Result<double> parse_speed(const std::string& text) {
    if (text == "max") return 0.0;
    double speed = 0;
    const auto [rest, errc] = std::from_chars(text.data(), text.data() + text.size(), speed);
    if (errc != std::errc() || rest != text.data() + text.size() || !(speed >= kMinSpeed) || speed > 1e6) {
        return make_error(Errc::usage,
                          fmt::format("'{}' is not a speed; write a number such as 0.5, 1 or 2, or max", text));
    }
    return speed;
}

Result<replay::InterlockOptions> interlock(const ReplayOptions& options, std::uint64_t recorded) {
    replay::InterlockOptions interlock;
    interlock.recorded_system_identifier = recorded;
    interlock.allowed.insert(options.allow.begin(), options.allow.end());
    UNDERSTUDY_TRY(const ProductionId production, parse_production_id(options.production_id));
    interlock.production_id = production.identifier;
    interlock.production_id_none = production.none;
    return interlock;
}

/// Replacing what is being read would lose it.
Result<void> check_output(const ReplayOptions& options, std::vector<std::string> files) {
    const std::string& output = options.output;
    if (output.empty() && !options.order.dry_run) {
        return make_error(Errc::usage,
                          "--output is missing: the file to record the answers in (only --dry-run needs none)");
    }
    if (!options.choice.resume.empty()) {
        UNDERSTUDY_TRY(const auto earlier, store::capture_files(options.choice.resume));
        files.insert(files.end(), earlier.begin(), earlier.end());
    }
    for (const std::string& file : files) {
        std::error_code not_there;
        if (!std::filesystem::equivalent(output, file, not_there)) continue;
        return make_error(Errc::usage, fmt::format("--output {} is read itself; name another file", output));
    }
    return {};
}

/// Runs one coroutine to its end on a context of its own.
template <class T>
T run_alone(net::asio::awaitable<T> work) {
    net::asio::io_context context;
    auto result = net::asio::co_spawn(context, std::move(work), net::asio::use_future);
    context.run();
    return result.get();
}

void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int conclude(const ReplayOptions& options, const replay::EngineOptions& engine, const replay::EngineOutcome& outcome,
             const replay::ReplayStats& stats) {
    if (outcome.refused) return fail(*outcome.refused);
    if (outcome.failure) return fail(*outcome.failure);
    fmt::print(stderr, "{}{}{}{}", replay_summary(stats), order_text(stats, engine.sync),
               choice_summary(engine, outcome, stats), login_failure_text(stats.login_failures));
    if (outcome.abandoned > 0) {
        fmt::print(stderr,
                   "{} sessions were given up: the target did not answer within {} after the last request (--drain)\n",
                   outcome.abandoned, options.drain);
    }
    if (outcome.stopped) {
        return fail(
            make_error(Errc::inconclusive,
                       fmt::format("stopped before the end; {} holds what was answered until then", options.output)));
    }
    if (stats.requests_read > 0 && stats.requests_sent == 0) {
        return fail(make_error(Errc::io, "nothing could be replayed; see the notes in " + options.output +
                                             " (understudy inspect --what sessions)"));
    }
    // One role that cannot log in is said in the file and by compare; a target that went away is an error.
    const bool most_lost = stats.sessions_failed * 2 > stats.sessions_closed;
    if (most_lost && stats.requests_read > 0 && stats.requests_not_sent * 2 >= stats.requests_read) {
        return fail(
            make_error(Errc::io, fmt::format("{} of {} requests were not sent, as {} sessions lost their "
                                             "connection; {} holds the rest (understudy inspect --what sessions)",
                                             human_count(stats.requests_not_sent), human_count(stats.requests_read),
                                             stats.sessions_failed.load(), options.output)));
    }
    if (stats.requests_read == 0 && engine.selection.any()) {
        return fail(make_error(Errc::usage, "nothing of the capture is what was asked for"));
    }
    return kPassed;
}

Result<replay::EngineOptions> engine_options_of(const ReplayOptions& options) {
    replay::EngineOptions engine;
    UNDERSTUDY_TRY(engine.speed, parse_speed(options.speed));
    UNDERSTUDY_TRY(engine.policy, parse_policy(options.results));
    UNDERSTUDY_TRY(engine.drain, parse_duration(options.drain));
    engine.threads = options.threads;
    engine.allowed_effects.insert(options.allow.begin(), options.allow.end());
    engine.stop_requested = stop_requested;
    engine.keys = options.keys.ring;
    UNDERSTUDY_TRY(engine.order, options.order.planner());
    engine.sync = engine.order.mode;
    return engine;
}

Result<std::unique_ptr<store::CaptureFile>> create_output(const ReplayOptions& options, const CaptureHeader& header,
                                                          const DigestKey& key) {
    UNDERSTUDY_TRY(const auto encrypt_to, encryption_to(options.encrypt_to, key));
    return store::CaptureFile::create(options.output, header, encrypt_to);
}

/// Of the server that the traffic was recorded on.
std::uint64_t recorded_identifier(const CaptureHeader& source) {
    return source.source == "replay" ? source.replayed_system_identifier : source.system_identifier;
}

CaptureHeader answers_header(const ReplayOptions& options, const CaptureHeader& source, ResultsPolicy policy,
                             const DigestKey& key) {
    CaptureHeader header;
    header.source = "replay";
    header.tool_version = UNDERSTUDY_VERSION;
    header.created = system_clock().now();
    header.policy = policy;
    header.redacted = source.redacted;
    header.key_id = key.id();
    header.replayed_system_identifier = recorded_identifier(source);
    header.description = fmt::format("{} at speed {}", options.capture, options.speed);
    return header;
}

/// What --run changed: compare tells of the schema by the last catalogue of the answers.
void record_catalog(const std::string& control, const Bytes& database, store::EventWriter& frame) {
    if (const auto after = catalog::read_catalog(control)) {
        frame.on_event(CatalogRecord{system_clock().now(), database, catalog::encode(*after)});
    } else {
        fmt::print(stderr, "understudy: the catalogue could not be read again: {}\n", after.error().message);
    }
}

Result<int> run_replay(ReplayOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(replay::EngineOptions engine_options, engine_options_of(options));
    UNDERSTUDY_TRY(const auto files, store::capture_files(options.capture));
    UNDERSTUDY_CHECK(check_output(options, files));
    UNDERSTUDY_CHECK(choose(options.choice, files, engine_options));
    UNDERSTUDY_TRY(const auto first, store::CaptureReader::open(files.front(), options.keys.ring));
    const CaptureHeader source = first->header();
    UNDERSTUDY_TRY(const DigestKey key, digest_key_of(*first, options.capture, options.keys));
    UNDERSTUDY_TRY(replay::TargetOptions target, target_options(options.target));
    UNDERSTUDY_TRY(auto interlock_options, interlock(options, recorded_identifier(source)));
    replay::TargetCheck check(std::move(interlock_options));
    const std::string control = control_conninfo(options.target, target);
    UNDERSTUDY_TRY(const auto control_info, net::parse_conninfo(control));
    UNDERSTUDY_CHECK(run_alone(check_target(target, control_info.database, options.target.impersonate, check)));
    UNDERSTUDY_TRY(const catalog::ServerIdentity identity, catalog::read_identity(control));
    UNDERSTUDY_TRY(const catalog::Catalog catalog, catalog::read_catalog(control));
    Digester digester(key, catalog::user_types(catalog));
    UNDERSTUDY_TRY(const auto remap, make_remap(options.remap, catalog, digester));
    engine_options.remap = remap.get();
    UNDERSTUDY_CHECK(complete_choice(options.choice, files, control, control_info.to_string(), digester, engine_options));
    raise_file_limit();
    watch_for_stop();
    const replay::ConnectionCheck check_connection = [&check](net::PgStream& stream) { return check.check(stream); };
    if (!options.ignore_start_state && !engine_options.selection.from.known()) {
        UNDERSTUDY_TRY(const replay::ProbeOutcome probed,
                       run_alone(replay::probe_start_state(files, options.keys.ring, digester, target, catalog,
                                                           check_connection)));
        fmt::print(stderr, "{}\n", probed.summary);
    }
    UNDERSTUDY_TRY(const replay::ReplayPlan plan,
                   replay::plan_replay(files, options.keys.ring, engine_options.selection, engine_options.order,
                                       catalog, digester, engine_options.allowed_effects, stop_requested));
    fmt::print(stderr, "{}", plan_text(plan, engine_options.sync));
    if (options.order.dry_run) return kPassed;
    engine_options.catalog = &catalog;
    engine_options.ambiguous = &plan.ambiguous;
    engine_options.control = control;
    CaptureHeader header = answers_header(options, source, engine_options.policy, key);
    header.server_version = identity.version;
    header.system_identifier = check.system_identifier();
    header.description += fmt::format(" into {}{}{}", control_info.to_string(), describe_roles(target),
                                      describe(options.choice.selection));
    replay::ReplayStats stats;
    UNDERSTUDY_TRY(const auto status_server, StatusServer::start(options.status, stats, options.capture));
    UNDERSTUDY_TRY(const auto output, create_output(options, header, key));
    store::EventWriter frame(*output);
    frame.on_event(CatalogRecord{header.created, identity.database, catalog::encode(catalog)});
    if (const auto& done = engine_options.selection.done) {
        UNDERSTUDY_CHECK(copy_answers(options.choice.resume, options.keys.ring, *done, header, frame));
    }
    frame.flush();
    replay::EngineOutcome outcome;
    {
        const ProgressLine progress(stats, options.quiet);
        const ReplayProgressFile progress_file(stats, options.progress_json);
        replay::Engine engine(engine_options, target, digester, *output, check_connection, stats);
        outcome = engine.run(files);
    }
    if (engine_options.pause) record_catalog(control, identity.database, frame);
    const replay::RemapReport remapped = remap ? remap->report() : replay::RemapReport{};
    Counters counters = replay_counters(outcome.counts, stats, remapped);
    add_choice_counters(engine_options, outcome, stats, counters.values);
    frame.on_event(std::move(counters));
    frame.flush();
    if (frame.failure()) return *frame.failure();
    UNDERSTUDY_CHECK(output->finish());
    fmt::print(stderr, "{}", remapped.summary());
    return conclude(options, engine_options, outcome, stats);
}

}  // namespace

void add_replay_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ReplayOptions>();
    CLI::App* command = app.add_subcommand("replay", "Play a capture against a target and record its answers");
    command->add_option("capture", options->capture, "Capture file or directory")->required();
    add_target_options(*command, options->target);
    command->add_option("-o,--output", options->output, "Where to record the answers; an existing file is replaced");
    command->add_option("--speed", options->speed, "1 as recorded, 2 twice as fast, 0.5, or max")
        ->capture_default_str();
    options->order.add_to(*command);
    command->add_option("--results", options->results, "What to keep of results: digest, sample or full")
        ->capture_default_str();
    add_choice_options(*command, options->choice);
    add_key_option(*command, options->keys);
    command->add_option("--encrypt-to", options->encrypt_to,
                        "Encrypt the answers to this public key (understudy keygen)");
    command->add_option("--production-id", options->production_id,
                        "System identifier of production, or none: needed when the capture does not say it");
    command->add_option("--allow", options->allow,
                        "Let this effect outside the database pass, by the name in the refusal");
    add_remap_options(*command, options->remap);
    command->add_flag("--ignore-start-state", options->ignore_start_state,
                      "Do not check first that the target holds the data the capture began with");
    command->add_option("--status", options->status, "Serve /metrics, /status and /healthz here, e.g. 127.0.0.1:9187");
    command->add_option("--progress-json", options->progress_json, "Append how it gets on to this file, a line of JSON each");
    command->add_option("--drain", options->drain, "How long to wait for answers after the last request")
        ->capture_default_str();
    command->add_option("--threads", options->threads, "Threads that replay")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_flag("-q,--quiet", options->quiet, "No progress line");
    command->footer(
        "Examples:\n"
        "  understudy target --mark 'host=staging dbname=shop'\n"
        "  understudy replay prod.pgcap --target 'host=staging dbname=shop' --output baseline.pgcap\n"
        "  understudy replay prod.pgcap --target postgresql://staging/shop --speed max --output fast.pgcap\n"
        "  understudy replay prod.pgcap --target … --from 10m --to 20m --read-only --scale 3 --output load.pgcap\n"
        "  understudy replay prod.pgcap --target … --pause-at +60s --warm --output held.pgcap \\\n"
        "      --run 'psql \"$UNDERSTUDY_TARGET\" -v ON_ERROR_STOP=1 -f migration.sql'\n"
        "The target database must be marked, and must not be production. Sessions connect as the recorded users,\n"
        "with their passwords from --credentials or ~/.pgpass.\n"
        "Exit code 3: the target does not hold the data that the capture began with; 4: unreachable or refused.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_replay(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app

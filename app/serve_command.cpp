#include "app/serve_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"
#include "app/options.hpp"
#include "app/web/hook_sender.hpp"
#include "app/web/wall_clock.hpp"
#include "app/web/web_server.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::app {
namespace {

struct ServeOptions {
    std::string config = "serve.yaml";
    std::string token_name;
    std::string role = "view";
};

/// Paths in the file are from where the file lies.
Result<service::ServeConfig> read_config(const std::string& path) {
    UNDERSTUDY_TRY(const std::string text, read_text_file(path));
    UNDERSTUDY_TRY(service::ServeConfig config, service::parse_serve_config(text, path));
    std::error_code error;
    const auto folder = std::filesystem::absolute(path, error).parent_path();
    const auto from_there = [&](std::string& name) {
        if (!name.empty()) name = (folder / name).lexically_normal().string();
    };
    from_there(config.state);
    from_there(config.certificate);
    from_there(config.key);
    if (config.history.find("://") == std::string::npos) from_there(config.history);
    for (auto& rehearsal : config.rehearsals) from_there(rehearsal.config);
    for (auto& hook : config.hooks) {
        for (std::string* name : {&hook.url_file, &hook.secret_file, &hook.ca_file}) from_there(*name);
    }
    return config;
}

/// One service at a time has a state directory. Held until the process ends.
Result<void> take_lock(const std::string& state) {
    const std::string path = state + "/lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
    return make_error(Errc::io, fmt::format("{} is in use by another understudy serve", state));
}

Result<std::vector<service::Token>> read_tokens(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::vector<service::Token>();
    UNDERSTUDY_TRY(const std::string text, read_text_file(path));
    return service::parse_tokens(text);
}

Result<int> serve(const ServeOptions& options) {
    UNDERSTUDY_TRY(const service::ServeConfig config, read_config(options.config));
    UNDERSTUDY_CHECK(set_time_zone(config.time_zone));
    UNDERSTUDY_TRY(RunStore store, RunStore::open(config.state));
    UNDERSTUDY_CHECK(take_lock(config.state));
    UNDERSTUDY_TRY(const auto tokens, read_tokens(tokens_path(config)));
    service::ServiceCounters counters;
    UNDERSTUDY_TRY(const auto server, WebServer::open(config, counters));
    // Ends after the keeper, which tells it of what is stopped at the end.
    UNDERSTUDY_TRY(const auto hooks, HookSender::open(config, store, counters));
    UNDERSTUDY_TRY(const auto keeper,
                   RunKeeper::open(
                       config, std::move(store), [&](const std::string& message) { server->tell_viewers(message); },
                       [&](service::HookEvent event, const service::RunRecord& run) { hooks->tell(event, run); }));
    auto known = keeper->runs();
    std::reverse(known.begin(), known.end());
    hooks->tell_owed(known);
    Service service(config, *keeper, counters);
    watch_for_stop();
    std::thread minding([&] {
        keeper->mind(stop_requested);
        server->stop();
    });
    const std::string host = config.listen.substr(0, config.listen.rfind(':'));
    fmt::print("serving {}://{}:{}/ with {} rehearsals and {} tokens\n", config.certificate.empty() ? "http" : "https",
               host.empty() ? "127.0.0.1" : host, server->port(), config.rehearsals.size(), tokens.size());
    if (tokens.empty()) fmt::print("nobody can sign in yet: understudy serve token add NAME --role admin\n");
    std::fflush(stdout);
    server->run(service);
    minding.join();
    return kPassed;
}

Result<void> change_tokens(const service::ServeConfig& config, const std::string& what,
                           const std::vector<service::Token>& tokens) {
    UNDERSTUDY_TRY(const RunStore made, RunStore::open(config.state));
    static_cast<void>(made);
    AuditFile audit(audit_path(config));
    UNDERSTUDY_CHECK(
        audit.append({fmt::format("user {} of this machine", ::getuid()), "", "", what, 0, ""}, wall_now()));
    return write_private_file(tokens_path(config), service::tokens_text(tokens));
}

Result<int> add_token(const ServeOptions& options) {
    UNDERSTUDY_TRY(const service::ServeConfig config, read_config(options.config));
    const auto role = service::parse_role(options.role);
    if (!role) return make_error(Errc::usage, "--role is view, run or admin");
    if (!service::is_plain_name(options.token_name))
        return make_error(Errc::usage, "a name has letters, digits, '.', '_' and '-'");
    UNDERSTUDY_TRY(auto tokens, read_tokens(tokens_path(config)));
    const auto same = [&](const service::Token& token) { return token.name == options.token_name; };
    if (std::any_of(tokens.begin(), tokens.end(), same))
        return make_error(Errc::usage, options.token_name + " has a token already: remove it first");
    const std::string token = service::make_token();
    tokens.push_back(
        {options.token_name, *role, service::hash_of_token(token), compare::utc_text(wall_now()).substr(0, 10)});
    UNDERSTUDY_CHECK(
        change_tokens(config, fmt::format("token add {} --role {}", options.token_name, options.role), tokens));
    fmt::print("{}\n", token);
    fmt::print(
        stderr,
        "This is shown once, and only its hash is kept. Send it as Authorization: Bearer …, or sign in with it.\n");
    return kPassed;
}

Result<int> remove_token(const ServeOptions& options) {
    UNDERSTUDY_TRY(const service::ServeConfig config, read_config(options.config));
    UNDERSTUDY_TRY(auto tokens, read_tokens(tokens_path(config)));
    if (std::erase_if(tokens, [&](const service::Token& token) { return token.name == options.token_name; }) == 0) {
        return make_error(Errc::usage, "there is no token of the name " + options.token_name);
    }
    UNDERSTUDY_CHECK(change_tokens(config, "token remove " + options.token_name, tokens));
    return kPassed;
}

Result<int> list_tokens(const ServeOptions& options) {
    UNDERSTUDY_TRY(const service::ServeConfig config, read_config(options.config));
    UNDERSTUDY_TRY(const auto tokens, read_tokens(tokens_path(config)));
    for (const service::Token& token : tokens)
        fmt::print("{:<24} {:<6} {}\n", token.name, to_string(token.role), token.created);
    return kPassed;
}

void add_token_commands(CLI::App& serve_command, const std::shared_ptr<ServeOptions>& options, int& exit_code) {
    CLI::App* command = serve_command.add_subcommand("token", "Who may sign in, and as what");
    command->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, Result<int> (*run)(const ServeOptions&)) {
        CLI::App* sub = command->add_subcommand(name, what);
        sub->add_option("--config", options->config, "The service's configuration")->capture_default_str();
        sub->callback([options, run, &exit_code] {
            const Result<int> result = run(*options);
            exit_code = result ? *result : fail(result.error());
        });
        return sub;
    };
    CLI::App* adding = add("add", "Make a token, and print it once", add_token);
    adding->add_option("name", options->token_name, "Whose it is, for the audit log")->required();
    adding
        ->add_option("--role", options->role,
                     "view: look; run: start and stop, too; admin: schedules, rules, audit log, too")
        ->check(CLI::IsMember({"view", "run", "admin"}))
        ->capture_default_str();
    add("remove", "Take a token away; it is refused at once", remove_token)
        ->add_option("name", options->token_name, "Whose")
        ->required();
    add("list", "Names and roles", list_tokens);
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand(
        "serve", "Serve a web application: start, schedule and follow rehearsals, read their reports");
    command->add_option("--config", options->config, "The service's configuration (docs/serve.md)")
        ->capture_default_str();
    command->require_subcommand(0, 1);
    add_token_commands(*command, options, exit_code);
    command->footer(
        "Examples:\n"
        "  understudy serve token add anna --role admin --config serve.yaml\n"
        "  understudy serve --config serve.yaml\n"
        "  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8480/api/v1/runs\n"
        "  curl -X POST -H \"Authorization: Bearer $TOKEN\" "
        "http://127.0.0.1:8480/api/v1/rehearsals/shop-nightly/start\n"
        "Listens on loopback unless the configuration says otherwise. Only the rehearsals that it lists can be "
        "started.\n"
        "Ended by SIGINT or SIGTERM; a rehearsal that runs is stopped first. Killed, the next start cleans up.");
    command->callback([options, command, &exit_code] {
        if (!command->get_subcommands().empty()) return;
        const Result<int> result = serve(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app

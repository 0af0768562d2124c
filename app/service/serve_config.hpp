#pragma once

#include <string>
#include <vector>

#include "app/service/hooks.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app::service {

inline constexpr std::size_t kMaxConfigBytes = 1U << 20U;
inline constexpr std::size_t kMaxRehearsals = 200;

/// A rehearsal that may be started by its name; nothing else can be.
struct ConfiguredRehearsal {
    std::string name;      ///< is_plain_name()
    std::string title;     ///< for people; empty: the name
    std::string config;    ///< the understudy.yaml whose section `rehearse` says what it is
    std::string schedule;  ///< a cron expression; empty: none, unless one is set in the service
};

/// serve.yaml.
struct ServeConfig {
    std::string listen = "127.0.0.1:8480";
    std::string state = "understudy-service";  ///< directory for runs, tokens, the audit log
    std::string certificate;                   ///< TLS: PEM files; both or none
    std::string key;
    bool allow_plain = false;                 ///< without TLS beyond loopback: a proxy in front has it
    bool open_metrics = false;                ///< /metrics without a token
    std::vector<std::string> origins;         ///< of pages elsewhere that may follow rehearsals ("https://…")
    std::string time_zone = "UTC";            ///< for schedules, by its name in the tz database
    std::string history;                      ///< where reports are kept, as `rehearse --history` takes it; empty: not
    Duration grace = Duration::seconds(120);  ///< from being asked to stop until being killed
    std::string address;                      ///< of the service as people reach it, for links in what hooks are sent
    std::vector<Hook> hooks;
    std::vector<ConfiguredRehearsal> rehearsals;
};

/// Reads its text; `name` is the file's, for messages. Errors: Errc::malformed with the line and what is wanted there,
/// Errc::limit.
Result<ServeConfig> parse_serve_config(const std::string& yaml, const std::string& name);

/// Of the section `rehearse` of an understudy.yaml: what the service has to know of it.
struct RehearsalFacts {
    std::string target;  ///< connection string
    std::string rules;   ///< its key `rules`; empty: the file itself
};
/// Errors: Errc::malformed; Errc::usage where it names no target.
Result<RehearsalFacts> rehearsal_facts(const std::string& yaml, const std::string& name);

/// "127.0.0.1:8480" and the like: whether only this machine can reach it.
bool is_loopback(const std::string& listen);

}  // namespace understudy::app::service

#include "app/service/serve_config.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>

#include "app/options.hpp"
#include "app/service/complete_hook.hpp"
#include "app/service/cron.hpp"
#include "app/service/tokens.hpp"

namespace understudy::app::service {
namespace {

class ConfigReader {
public:
    explicit ConfigReader(const std::string& name) : name_(name) {}

    Result<ServeConfig> read(const YAML::Node& root) {
        const YAML::Node serve = root.IsMap() ? root["serve"] : YAML::Node();
        if (!serve || !serve.IsMap())
            return make_error(Errc::malformed, name_ + ": a section serve is wanted (docs/serve.md)");
        ServeConfig config;
        UNDERSTUDY_CHECK(each(serve, "serve",
                              {{"listen", text_into(config.listen)},
                               {"state", text_into(config.state)},
                               {"allow_plain", flag_into(config.allow_plain)},
                               {"time_zone", text_into(config.time_zone)},
                               {"history", text_into(config.history)},
                               {"metrics", [&](const YAML::Node& at) { return metrics(at, config); }},
                               {"grace", time_into("grace", config.grace)},
                               {"origins", [&](const YAML::Node& at) { return origins(at, config); }},
                               {"address", [&](const YAML::Node& at) { return address(at, config); }},
                               {"hooks", [&](const YAML::Node& at) { return hooks(at, config); }},
                               {"tls", [&](const YAML::Node& at) { return tls(at, config); }},
                               {"rehearsals", [&](const YAML::Node& at) { return rehearsals(at, config); }}}));
        UNDERSTUDY_CHECK(whole(serve, config));
        return config;
    }

private:
    using Take = std::function<Result<void>(const YAML::Node&)>;

    [[nodiscard]] Error wrong(const YAML::Node& at, const std::string& what) const {
        return Error{Errc::malformed, fmt::format("{}:{}: {}", name_, at.Mark().line + 1, what)};
    }

    Result<void> each(const YAML::Node& map, const std::string& where, const std::map<std::string, Take>& keys) const {
        if (!map.IsMap()) return wrong(map, where + ": keys with values are wanted");
        for (const auto& entry : map) {
            const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
            const auto take = keys.find(key);
            if (take == keys.end()) {
                std::string known;
                for (const auto& one : keys) known += (known.empty() ? "" : ", ") + one.first;
                return wrong(entry.first, fmt::format("'{}' is no key of {}: it has {}", key, where, known));
            }
            UNDERSTUDY_CHECK(take->second(entry.second));
        }
        return {};
    }

    Take text_into(std::string& out) const {
        return [this, &out](const YAML::Node& at) -> Result<void> {
            if (!at.IsScalar() || at.Scalar().empty() ||
                at.Scalar().find_first_of("\r\n\0", 0, 3) != std::string::npos) {
                return wrong(at, "a text is wanted");
            }
            out = at.Scalar();
            return {};
        };
    }

    Take flag_into(bool& out) const {
        return [this, &out](const YAML::Node& at) -> Result<void> {
            if (!at.IsScalar() || (at.Scalar() != "true" && at.Scalar() != "false"))
                return wrong(at, "true or false is wanted");
            out = at.Scalar() == "true";
            return {};
        };
    }

    Result<void> metrics(const YAML::Node& at, ServeConfig& config) const {
        const std::string text = at.IsScalar() ? at.Scalar() : std::string();
        if (text != "open" && text != "token") return wrong(at, "metrics: open or token is wanted");
        config.open_metrics = text == "open";
        return {};
    }

    Take time_into(const char* name, Duration& out) const {
        return [this, name, &out](const YAML::Node& at) -> Result<void> {
            const auto parsed = parse_duration(at.IsScalar() ? at.Scalar() : std::string());
            if (!parsed || *parsed < Duration::seconds(1) || *parsed > Duration::seconds(86'400)) {
                return wrong(at, fmt::format("{}: a time from 1s to 24h is wanted", name));
            }
            out = *parsed;
            return {};
        };
    }

    Result<void> address(const YAML::Node& at, ServeConfig& config) const {
        std::string text = at.IsScalar() ? at.Scalar() : std::string();
        while (text.ends_with('/')) text.pop_back();
        const bool schemed = text.starts_with("https://") || text.starts_with("http://");
        const auto is_wrong = [](char c) {
            return c <= 0x20 || c >= 0x7f || std::string_view("<>()|\"\\").find(c) != std::string_view::npos;
        };
        if (!schemed || text.size() > 512 || std::any_of(text.begin(), text.end(), is_wrong)) {
            return wrong(at, "address: where people reach the service is wanted, such as https://understudy.example");
        }
        config.address = text;
        return {};
    }

    Result<void> names(const YAML::Node& at, std::vector<std::string>& out) const {
        if (!at.IsSequence() || at.size() > kMaxRehearsals) return wrong(at, "a list of names of rehearsals is wanted");
        for (const YAML::Node& entry : at) {
            out.push_back(entry.IsScalar() ? entry.Scalar() : std::string());
            if (!is_plain_name(out.back())) return wrong(entry, "the name of a rehearsal is wanted");
        }
        return {};
    }

    Result<void> kind(const YAML::Node& at, Hook& hook) const {
        for (const Hook::Kind one : {Hook::Kind::json, Hook::Kind::slack, Hook::Kind::github, Hook::Kind::gitlab}) {
            if (!at.IsScalar() || at.Scalar() != to_string(one)) continue;
            hook.kind = one;
            return {};
        }
        return wrong(at, "kind: json, slack, github or gitlab is wanted");
    }

    Result<void> hooks(const YAML::Node& at, ServeConfig& config) const {
        if (!at.IsSequence() || at.size() > kMaxHooks)
            return wrong(at, fmt::format("hooks: a list of at most {} is wanted", kMaxHooks));
        for (const YAML::Node& entry : at) {
            Hook hook;
            UNDERSTUDY_CHECK(each(entry, "a hook",
                                  {{"name", text_into(hook.name)},
                                   {"kind", [&](const YAML::Node& node) { return kind(node, hook); }},
                                   {"url", text_into(hook.url)},
                                   {"url_file", text_into(hook.url_file)},
                                   {"secret_file", text_into(hook.secret_file)},
                                   {"ca_file", text_into(hook.ca_file)},
                                   {"repository", text_into(hook.repository)},
                                   {"rehearsals", [&](const YAML::Node& node) { return names(node, hook.rehearsals); }},
                                   {"patience", time_into("patience", hook.patience)}}));
            if (!is_plain_name(hook.name) || !entry["kind"]) return wrong(entry, "a hook has a name and a kind");
            const auto same = [&](const Hook& other) { return other.name == hook.name; };
            if (std::any_of(config.hooks.begin(), config.hooks.end(), same))
                return wrong(entry, "a hook of this name stands there already");
            if (const auto why = complete_hook(hook)) return wrong(entry, hook.name + ": " + *why);
            config.hooks.push_back(std::move(hook));
        }
        return {};
    }

    Result<void> origins(const YAML::Node& at, ServeConfig& config) const {
        if (!at.IsSequence() || at.size() > 32) return wrong(at, "origins: a list of at most 32 is wanted");
        for (const YAML::Node& entry : at) {
            const std::string text = entry.IsScalar() ? entry.Scalar() : std::string();
            const bool schemed = text.starts_with("https://") || text.starts_with("http://");
            if (!schemed || text.find('/', text.find("//") + 2) != std::string::npos) {
                return wrong(entry, "an origin is wanted, such as https://understudy.example:8443");
            }
            config.origins.push_back(text);
        }
        return {};
    }

    Result<void> tls(const YAML::Node& at, ServeConfig& config) const {
        return each(at, "tls", {{"certificate", text_into(config.certificate)}, {"key", text_into(config.key)}});
    }

    Result<void> rehearsals(const YAML::Node& at, ServeConfig& config) const {
        if (!at.IsMap()) return wrong(at, "rehearsals: names with their settings are wanted");
        if (at.size() > kMaxRehearsals)
            return make_error(Errc::limit, fmt::format("{}: more than {} rehearsals", name_, kMaxRehearsals));
        for (const auto& entry : at) {
            ConfiguredRehearsal rehearsal;
            rehearsal.name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
            if (!is_plain_name(rehearsal.name)) {
                return wrong(entry.first, "a name of letters, digits, '.', '_' and '-' is wanted, 64 at most");
            }
            const auto same = [&](const ConfiguredRehearsal& other) { return other.name == rehearsal.name; };
            if (std::any_of(config.rehearsals.begin(), config.rehearsals.end(), same))
                return wrong(entry.first, "this name stands there twice");
            UNDERSTUDY_CHECK(each(entry.second, rehearsal.name,
                                  {{"config", text_into(rehearsal.config)},
                                   {"title", text_into(rehearsal.title)},
                                   {"schedule", text_into(rehearsal.schedule)}}));
            if (rehearsal.config.empty())
                return wrong(entry.second, rehearsal.name + " needs its config, an understudy.yaml");
            if (!rehearsal.schedule.empty()) {
                const auto cron = parse_cron(rehearsal.schedule);
                if (!cron) return wrong(entry.second, "schedule: " + cron.error().message);
            }
            config.rehearsals.push_back(std::move(rehearsal));
        }
        return {};
    }

    Result<void> whole(const YAML::Node& serve, const ServeConfig& config) const {
        if (config.certificate.empty() != config.key.empty())
            return wrong(serve, "tls: certificate and key go together");
        if (config.rehearsals.empty()) return wrong(serve, "no rehearsals: there is nothing to serve");
        for (const Hook& hook : config.hooks) {
            for (const std::string& name : hook.rehearsals) {
                const auto same = [&](const ConfiguredRehearsal& one) { return one.name == name; };
                if (std::none_of(config.rehearsals.begin(), config.rehearsals.end(), same))
                    return wrong(serve, fmt::format("hook {}: there is no rehearsal {}", hook.name, name));
            }
        }
        if (config.certificate.empty() && !config.allow_plain && !is_loopback(config.listen)) {
            return wrong(serve,
                         config.listen +
                             " can be reached from elsewhere: name a certificate (tls), or say allow_plain: true "
                             "where a proxy in front has TLS");
        }
        const bool zone =
            config.time_zone.size() <= 64 && config.time_zone.find("..") == std::string::npos &&
            config.time_zone.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
                std::string::npos &&
            config.time_zone.front() != '/';
        if (!zone) return wrong(serve, "time_zone: a name of the tz database is wanted, such as Europe/Berlin");
        return {};
    }

    const std::string& name_;
};

/// Calls `read` with the parsed text; yaml-cpp's exceptions become values.
template <class T, class Read>
Result<T> from_yaml(const std::string& yaml, const std::string& name, const Read& read) {
    if (yaml.size() > kMaxConfigBytes) return make_error(Errc::limit, name + ": too long");
    try {
        return read(YAML::Load(yaml));
    } catch (const YAML::Exception& error) {
        return make_error(Errc::malformed, fmt::format("{}:{}: {}", name, error.mark.line + 1, error.msg));
    }
}

}  // namespace

Result<ServeConfig> parse_serve_config(const std::string& yaml, const std::string& name) {
    return from_yaml<ServeConfig>(yaml, name, [&](const YAML::Node& root) { return ConfigReader(name).read(root); });
}

Result<RehearsalFacts> rehearsal_facts(const std::string& yaml, const std::string& name) {
    return from_yaml<RehearsalFacts>(yaml, name, [&](const YAML::Node& root) -> Result<RehearsalFacts> {
        const YAML::Node section = root.IsMap() ? root["rehearse"] : YAML::Node();
        const auto text = [&](const char* key) {
            const YAML::Node node = section && section.IsMap() ? section[key] : YAML::Node();
            return node && node.IsScalar() ? node.Scalar() : std::string();
        };
        RehearsalFacts facts{text("target"), text("rules")};
        if (facts.target.empty()) return make_error(Errc::usage, name + ": its section rehearse names no target");
        return facts;
    });
}

bool is_loopback(const std::string& listen) {
    return listen.starts_with("127.") || listen.starts_with("[::1]:") || listen.starts_with("localhost:") ||
           listen.starts_with(":");
}

}  // namespace understudy::app::service

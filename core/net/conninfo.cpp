#include "core/net/conninfo.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/net/service_file.hpp"

namespace understudy::net {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

constexpr std::size_t kMaxHosts = 64;

std::string environment(const char* name) {
    const char* value = name == nullptr ? nullptr : std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string home() {
    if (std::string given = environment("HOME"); !given.empty()) return given;
    const passwd* entry = getpwuid(geteuid());
    return entry == nullptr ? "" : entry->pw_dir;
}

std::string system_user() {
    const passwd* entry = getpwuid(geteuid());
    return entry == nullptr ? "postgres" : entry->pw_name;
}

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// What is said of each keyword, and where.
class Parameters {
public:
    static Result<Parameters> read(const std::string& text);

    /// The string's own word; empty when it says nothing.
    [[nodiscard]] std::string given(const char* keyword) const {
        const PQconninfoOption* option = find(keyword);
        return option == nullptr || option->val == nullptr ? "" : option->val;
    }
    /// In the string or its service.
    [[nodiscard]] bool is_given(const char* keyword) const {
        return !given(keyword).empty() || service_.find(keyword) != service_.end();
    }
    /// The string's, else the service's, else the environment's, else libpq's default.
    [[nodiscard]] std::string pick(const char* keyword) const {
        if (std::string value = given(keyword); !value.empty()) return value;
        if (const auto found = service_.find(keyword); found != service_.end()) return found->second;
        const PQconninfoOption* option = find(keyword);
        if (option == nullptr) return {};
        if (std::string value = environment(option->envvar); !value.empty()) return value;
        return option->compiled == nullptr ? "" : option->compiled;
    }

private:
    explicit Parameters(PQconninfoOption* options) : options_(options, PQconninfoFree) {}
    [[nodiscard]] const PQconninfoOption* find(const std::string& keyword) const {
        const PQconninfoOption* option = options_.get();
        while (option->keyword != nullptr && option->keyword != keyword) ++option;
        return option->keyword == nullptr ? nullptr : option;
    }
    Result<void> read_service();

    Options options_;
    ServiceSettings service_;
};

Result<Parameters> Parameters::read(const std::string& text) {
    char* message = nullptr;
    Parameters parameters(PQconninfoParse(text.c_str(), &message));
    if (!parameters.options_) {
        std::string reason = message == nullptr ? "out of memory" : message;
        PQfreemem(message);
        while (!reason.empty() && reason.back() == '\n') reason.pop_back();
        // libpq quotes what it does not understand, which may be the password.
        return make_error(Errc::usage, fmt::format("not a connection string: {}", reason.substr(0, reason.find('"'))));
    }
    UNDERSTUDY_CHECK(parameters.read_service());
    return parameters;
}

Result<void> Parameters::read_service() {
    std::string service = given("service");
    if (service.empty()) service = environment("PGSERVICE");
    if (service.empty()) return {};
    ServiceFiles files;
    files.user = given("servicefile");  // libpq 19 knows it
    if (files.user.empty()) files.user = environment("PGSERVICEFILE");
    files.user_given = !files.user.empty();
    if (!files.user_given) files.user = home() + "/.pg_service.conf";
    if (const std::string directory = environment("PGSYSCONFDIR"); !directory.empty()) {
        files.system = directory + "/pg_service.conf";
    } else {
        files.system = "/etc/postgresql-common/pg_service.conf";  // Debian's
    }
    UNDERSTUDY_TRY(service_, find_service(service, files));
    for (const auto& [keyword, value] : service_) {
        if (find(keyword) != nullptr) continue;
        return make_error(Errc::usage, fmt::format("service \"{}\": libpq has no parameter {}", service, keyword));
    }
    return {};
}

Result<void> refuse_unsupported(const Parameters& parameters) {
    struct Rule {
        const char* keyword;
        const char* harmless;  // besides ""
        const char* also_harmless;
    };
    constexpr std::array<Rule, 5> kRules{{{"gssencmode", "disable", "prefer"},
                                          {"sslnegotiation", "postgres", ""},
                                          {"target_session_attrs", "any", ""},
                                          {"load_balance_hosts", "disable", ""},
                                          {"requirepeer", "", ""}}};
    for (const Rule& rule : kRules) {
        const std::string value = parameters.pick(rule.keyword);
        if (value.empty() || value == rule.harmless || value == rule.also_harmless) continue;
        return make_error(Errc::unsupported, fmt::format("{}={} is not supported here", rule.keyword, value));
    }
    return {};
}

Result<std::vector<HostEntry>> read_hosts(const Parameters& parameters) {
    const std::string addresses = parameters.pick("hostaddr");
    const std::string names = parameters.pick("host");
    std::vector<std::string> hosts = split_list(names);
    const std::vector<std::string> numeric = split_list(addresses);
    const std::vector<std::string> ports = split_list(parameters.pick("port"));
    const std::size_t count = addresses.empty() ? hosts.size() : numeric.size();
    if (names.empty()) hosts.resize(count);
    if (hosts.size() != count || (ports.size() != 1 && ports.size() != count) || count > kMaxHosts) {
        return make_error(Errc::usage, fmt::format("{} hosts, {} addresses and {} ports do not fit each other",
                                                   names.empty() ? 0 : hosts.size(),
                                                   addresses.empty() ? 0 : numeric.size(), ports.size()));
    }
    std::vector<HostEntry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        HostEntry entry{hosts[i], addresses.empty() ? "" : numeric[i], ports.size() == 1 ? ports[0] : ports[i]};
        if (entry.host.empty() && entry.address.empty()) entry.host = "/var/run/postgresql";
        if (entry.port.empty()) entry.port = "5432";
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<TlsClientOptions> read_tls(const Parameters& parameters) {
    TlsClientOptions tls;
    UNDERSTUDY_TRY(tls.mode, parse_ssl_mode(parameters.pick("sslmode")));
    if (tls.mode == SslMode::disable) return tls;
    const std::string directory = home() + "/.postgresql/";
    // A file that is named has to be there; libpq's default ones count where they are.
    const auto file = [&](const char* keyword, const char* otherwise) {
        std::string name = parameters.pick(keyword);
        std::error_code error;
        if (name.empty() && std::filesystem::exists(directory + otherwise, error)) name = directory + otherwise;
        return name;
    };
    tls.root_certificate = file("sslrootcert", "root.crt");
    tls.certificate = file("sslcert", "postgresql.crt");
    if (!tls.certificate.empty()) tls.key = file("sslkey", "postgresql.key");
    if (!tls.certificate.empty() && tls.key.empty()) {
        return make_error(Errc::usage, fmt::format("certificate {} has no private key: give sslkey=", tls.certificate));
    }
    tls.key_password = parameters.pick("sslpassword");
    tls.check_key_mode = true;
    tls.crl_directory = parameters.pick("sslcrldir");
    if (tls.crl_directory.empty()) {
        tls.crl = file("sslcrl", "root.crl");
    } else {
        tls.crl = parameters.pick("sslcrl");
    }
    if (const std::string version = parameters.pick("ssl_min_protocol_version"); !version.empty()) {
        tls.min_version = version;
    }
    tls.max_version = parameters.pick("ssl_max_protocol_version");
    tls.sni = parameters.pick("sslsni") != "0";
    // libpq 16: the system's roots make sense only with the host's name.
    const bool mode_given = parameters.is_given("sslmode") || !environment("PGSSLMODE").empty();
    if (tls.root_certificate == "system" && !mode_given) tls.mode = SslMode::verify_full;
    return tls;
}

Result<std::optional<Duration>> read_timeout(const Parameters& parameters) {
    const std::string text = parameters.pick("connect_timeout");
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (!text.empty() && (error != std::errc() || end != text.data() + text.size() || seconds > 86'400)) {
        return make_error(Errc::usage, fmt::format("connect_timeout={} is no number of seconds up to a day", text));
    }
    if (seconds <= 0) return std::optional<Duration>();
    return std::optional<Duration>(Duration::seconds(std::max(2, seconds)));  // libpq's least
}

}  // namespace

std::string ConnectionInfo::to_string() const {
    std::string host_list;
    std::string port_list;
    for (const HostEntry& entry : hosts) {
        const char* comma = host_list.empty() ? "" : ",";
        host_list += comma + (entry.host.empty() ? entry.address : entry.host);
        port_list += comma + entry.port;
    }
    return fmt::format("host={} port={} user={} dbname={}", host_list, port_list, user, database);
}

Result<ConnectionInfo> parse_conninfo(const std::string& text) {
    UNDERSTUDY_TRY(const Parameters parameters, Parameters::read(text));
    UNDERSTUDY_CHECK(refuse_unsupported(parameters));
    const auto pick = [&](const char* keyword, const std::string& otherwise) {
        std::string value = parameters.pick(keyword);
        return value.empty() ? otherwise : value;
    };
    ConnectionInfo info;
    UNDERSTUDY_TRY(info.hosts, read_hosts(parameters));
    UNDERSTUDY_TRY(info.tls, read_tls(parameters));
    UNDERSTUDY_TRY(info.channel_binding, pgwire::parse_channel_binding(parameters.pick("channel_binding")));
    UNDERSTUDY_TRY(info.methods, pgwire::AuthMethods::parse(parameters.pick("require_auth")));
    UNDERSTUDY_TRY(info.connect_timeout, read_timeout(parameters));
    info.user = pick("user", system_user());
    info.password = parameters.pick("password");
    info.password_file = pick("passfile", home() + "/.pgpass");
    info.database_given = parameters.is_given("dbname");
    info.database = pick("dbname", info.user);
    return info;
}

}  // namespace understudy::net

#include "app/copies/database_copies.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "app/copies/busy_template.hpp"
#include "app/copies/carry_over.hpp"
#include "app/copies/copy_server.hpp"
#include "app/copies/schema_dump.hpp"
#include "core/catalog/conninfo_parts.hpp"
#include "core/catalog/target_marker.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::app {
namespace {

using catalog::ControlConnection;

/// Sessions that are just going away, ours that asked for the marker among them, are waited for.
constexpr int kBusyTries = 20;
constexpr std::chrono::milliseconds kBusyWait{50};
constexpr int kCloseTries = 5;

constexpr BytesView kSameServer =
    "select pg_catalog.current_database(), pg_catalog.pg_postmaster_start_time()::text, "
    "pg_catalog.current_setting('TimeZone')";

struct Source {
    std::string database;
    std::string server_start;
};

/// Asks the source whether it may be written to, and who it is.
Result<Source> ask_source(const std::string& conninfo, const CopyOptions& options) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo));
    UNDERSTUDY_CHECK(connection.query("set timezone to 'UTC'"));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows, connection.query(catalog::kMarkerQuery));
    std::vector<std::optional<BytesView>> row;
    if (rows.size() == 1) row.assign(rows[0].begin(), rows[0].end());
    UNDERSTUDY_TRY(const catalog::TargetFacts facts, catalog::parse_target_facts(row));
    UNDERSTUDY_CHECK(catalog::judge_target(facts, options.recorded_system_identifier, options.production_id,
                                           options.production_id_none));
    UNDERSTUDY_TRY(const auto start, connection.query(Bytes(kSameServer)));
    return Source{facts.database, start.at(0).at(1).value_or("")};
}

/// A pooler or several hosts in the connection string could lead elsewhere.
Result<void> same_server(CopyServer& server, const Source& source) {
    UNDERSTUDY_CHECK(server.query("set timezone to 'UTC'"));
    UNDERSTUDY_TRY(const auto rows, server.query(Bytes(kSameServer)));
    if (rows.at(0).at(1).value_or("") == source.server_start) return {};
    return make_error(Errc::refused,
                      "the connection string leads to different servers from one connection to the next: "
                      "give one host");
}

CopyTag tag_for(const std::string& purpose, const std::string& source) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    CopyTag tag;
    tag.created = system_clock().now();
    tag.purpose = purpose;
    tag.source = source;
    tag.host = host.data();
    tag.pid = ::getpid();
    return tag;
}

}  // namespace

class DatabaseCopies::Impl {
public:
    Impl(std::string conninfo, CopyOptions options, Source source, CopyServer server)
        : conninfo_(std::move(conninfo)),
          options_(std::move(options)),
          source_(std::move(source)),
          server_(std::move(server)) {}
    ~Impl() {
        while (!copies_.empty()) {
            const std::string name = copies_.begin()->first;
            const auto dropped = drop(name);
            if (dropped) continue;
            fmt::print(stderr, "understudy: the scratch database {} is left behind: {}; understudy clean drops it\n",
                       name, dropped.error().message);
            copies_.erase(name);
        }
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<DatabaseCopy> create(const std::string& purpose, CopyKind kind) {
        if (!is_purpose(purpose)) return make_error(Errc::usage, "a purpose is 1 to 16 letters a to z");
        std::random_device chance;
        const CopyName name{purpose, std::uint64_t{chance()} << 32U | chance()};
        return create(name, kind);
    }

    Result<void> drop(const std::string& name) {
        const auto found = copies_.find(name);
        if (found == copies_.end()) return make_error(Errc::usage, fmt::format("there is no copy \"{}\"", name));
        auto dropped = drop_copy(server_, name);
        if (!dropped) dropped = drop_copy(server_, name);  // somebody may have come in between
        if (!dropped) return dropped;
        server_.unlock(parse_copy_name(name)->chance);
        copies_.erase(found);
        return {};
    }

    Result<DatabaseCopy> reset(const std::string& name) {
        const auto found = copies_.find(name);
        if (found == copies_.end()) return make_error(Errc::usage, fmt::format("there is no copy \"{}\"", name));
        const CopyKind kind = found->second;
        UNDERSTUDY_CHECK(drop(name));
        return create(*parse_copy_name(name), kind);
    }

    [[nodiscard]] int version_num() const { return server_.version_num(); }
    [[nodiscard]] const std::string& source() const { return source_.database; }

private:
    Result<DatabaseCopy> create(const CopyName& name, CopyKind kind) {
        const Timestamp start = system_clock().now();
        const std::string text = to_text(name);
        UNDERSTUDY_TRY(const auto parts, catalog::conninfo_with_database(conninfo_, text));
        UNDERSTUDY_CHECK(server_.lock(name.chance));
        copies_.emplace(text, kind);
        DatabaseCopy copy{text, parts.whole(), kind, {}, {}};
        const auto made = make(name, copy);
        if (!made) {
            const auto dropped = drop(text);
            if (!dropped)
                return make_error(made.error().code, made.error().message + "; and " + dropped.error().message);
            return made.error();
        }
        copy.duration = system_clock().now() - start;
        return copy;
    }

    Result<void> make(const CopyName& name, DatabaseCopy& copy) {
        UNDERSTUDY_TRY(const DatabaseFacts facts, read_database_facts(server_.connection(), source_.database));
        const bool of_template = copy.kind == CopyKind::template_copy;
        const std::string sql = create_statement(facts, copy.name, of_template, server_.version_num());
        UNDERSTUDY_CHECK(of_template ? create_from_template(sql) : server_.run_long(sql, options_.stop));
        UNDERSTUDY_CHECK(finish(facts, name, copy));
        if (of_template) return {};
        return transfer_schema({conninfo_, copy.conninfo, server_.version_num() / 10000, options_.postgres_bin},
                               options_.stop);
    }

    Result<void> create_from_template(const std::string& sql) {
        for (int tries = 0;; ++tries) {
            UNDERSTUDY_TRY(auto users, wait_for_users());
            if (!users.empty() && (!options_.close_connections || tries == kCloseTries)) {
                return make_error(Errc::refused,
                                  explain_template_users(source_.database, users, options_.close_connections));
            }
            if (!users.empty()) {
                UNDERSTUDY_CHECK(close_connections(server_, source_.database));
                UNDERSTUDY_TRY(users, wait_for_users());
                if (!users.empty()) continue;
            }
            const auto created = server_.run_long(sql, options_.stop);
            if (created || options_.stop()) return created;
            UNDERSTUDY_TRY(users, template_users(server_, source_.database));
            if (users.empty() || tries == kCloseTries) return created;
        }
    }

    /// Who uses the source, after those who are about to leave have left.
    Result<std::vector<TemplateUser>> wait_for_users() {
        for (int tries = 1;; ++tries) {
            UNDERSTUDY_TRY(auto users, template_users(server_, source_.database));
            if (users.empty() || tries == kBusyTries || options_.stop()) return users;
            std::this_thread::sleep_for(kBusyWait);
        }
    }

    /// Everything that makes the database known and like its source, in one transaction: it is unfinished, or done.
    Result<void> finish(const DatabaseFacts& facts, const CopyName& name, DatabaseCopy& copy) {
        UNDERSTUDY_CHECK(server_.connection().begin_read_write());
        auto done = carry_over(facts, name, copy);
        if (done) return server_.connection().commit();
        static_cast<void>(server_.connection().query("rollback"));
        return done;
    }

    Result<void> carry_over(const DatabaseFacts& facts, const CopyName& name, DatabaseCopy& copy) {
        ControlConnection& connection = server_.connection();
        const std::string database = quote_name(copy.name);
        Bytes comment = facts.comment;
        if (!facts.may_be_owner) copy.losses.push_back(fmt::format("owner \"{}\"", facts.owner));
        std::vector<CarryStatement> statements = setting_statements(facts, copy.name);
        for (CarryStatement& statement : grant_statements(facts, copy.name)) statements.push_back(std::move(statement));
        for (const CarryStatement& statement : statements) {
            UNDERSTUDY_TRY(const bool permitted, run_if_permitted(statement.sql));
            if (permitted) continue;
            if (statement.what == "setting understudy.target") {
                // Where only a superuser may set that, the comment says it, and counts as much.
                comment = catalog::comment_with_marker(comment, marked_identifier(facts));
            } else if (copy.losses.empty() || copy.losses.back() != statement.what) {
                copy.losses.push_back(statement.what);
            }
        }
        comment = comment_with_tag(comment, tag_for(name.purpose, source_.database));
        UNDERSTUDY_CHECK(
            connection.query(fmt::format("comment on database {} is {}", database, sql::quote_literal(comment))));
        UNDERSTUDY_CHECK(connection.query(fmt::format("alter database {} allow_connections true connection limit {}",
                                                      database, facts.connection_limit)));
        return {};
    }

    static std::optional<std::uint64_t> marked_identifier(const DatabaseFacts& facts) {
        for (const DatabaseSetting& setting : facts.settings) {
            if (!setting.role.empty() || setting.name != "understudy.target") continue;
            catalog::TargetFacts target;
            target.setting = setting.value;
            const auto marker = catalog::find_marker(target);
            return marker ? marker->identifier : std::nullopt;
        }
        return std::nullopt;
    }

    Result<bool> run_if_permitted(const std::string& sql) {
        ControlConnection& connection = server_.connection();
        UNDERSTUDY_CHECK(connection.query("savepoint before"));
        const auto done = connection.query(sql);
        if (!done && connection.last_failure() != catalog::QueryFailure::privilege) return done.error();
        UNDERSTUDY_CHECK(connection.query(done ? "release savepoint before" : "rollback to savepoint before"));
        return done.has_value();
    }

    std::string conninfo_;
    CopyOptions options_;
    Source source_;
    CopyServer server_;
    std::map<std::string, CopyKind> copies_;
};

DatabaseCopies::DatabaseCopies(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DatabaseCopies::DatabaseCopies(DatabaseCopies&&) noexcept = default;
DatabaseCopies& DatabaseCopies::operator=(DatabaseCopies&&) noexcept = default;
DatabaseCopies::~DatabaseCopies() = default;

Result<DatabaseCopies> DatabaseCopies::open(const std::string& conninfo, CopyOptions options) {
    UNDERSTUDY_TRY(Source source, ask_source(conninfo, options));
    UNDERSTUDY_TRY(CopyServer server, CopyServer::open(conninfo, source.database));
    UNDERSTUDY_CHECK(same_server(server, source));
    return DatabaseCopies(std::make_unique<Impl>(conninfo, std::move(options), std::move(source), std::move(server)));
}

Result<DatabaseCopy> DatabaseCopies::create(const std::string& purpose, CopyKind kind) {
    return impl_->create(purpose, kind);
}

Result<void> DatabaseCopies::drop(const std::string& name) { return impl_->drop(name); }

Result<DatabaseCopy> DatabaseCopies::reset(const std::string& name) { return impl_->reset(name); }

int DatabaseCopies::server_version_num() const { return impl_->version_num(); }

const std::string& DatabaseCopies::source() const { return impl_->source(); }

}  // namespace understudy::app

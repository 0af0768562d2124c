#include "core/catalog/snapshot/read_snapshot.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "core/catalog/read_catalog.hpp"
#include "core/catalog/snapshot/canonical_text.hpp"
#include "core/catalog/snapshot/snapshot_parts.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::catalog {
namespace {

constexpr int kOldestVersion = 130000;
constexpr std::size_t kIdentityColumns = 4;
/// User objects have OIDs from here on, and all that initdb makes in user schemas is the schema public itself.
constexpr BytesView kFirstUserOid = "16384";

/// So that definitions name every schema, and constants are written one way, whatever the role's settings are.
constexpr BytesView kSession =
    "set local search_path to ''; set local datestyle to 'ISO, MDY'; set local intervalstyle to 'postgres';"
    " set local timezone to 'UTC'; set local extra_float_digits to 1; set local bytea_output to 'hex';"
    " set local lc_monetary to 'C'; set local quote_all_identifiers to off; set local standard_conforming_strings to "
    "on;"
    " set local jit to off; set local max_parallel_workers_per_gather to 0";

void replace_all(std::string& text, BytesView name, BytesView by) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + by.size())) {
        text.replace(at, name.size(), by);
    }
}

class Reading {
public:
    explicit Reading(ControlConnection& connection) : connection_(connection) {}

    Result<Snapshot> read() {
        UNDERSTUDY_CHECK(prepare());
        for (const SnapshotPart& part : snapshot_parts(snapshot_.server_version)) UNDERSTUDY_CHECK(read_part(part));
        snapshot_.sort();
        note_vanished();
        return std::move(snapshot_);
    }

private:
    Result<void> prepare() {
        UNDERSTUDY_TRY(const auto about,
                       connection_.query("select current_setting('server_version_num'), current_database(),"
                                         " current_setting('server_encoding')"));
        if (about.size() != 1 || about[0].size() != 3) return unexpected();
        const Bytes number = about[0][0].value_or("");
        std::from_chars(number.data(), number.data() + number.size(), snapshot_.server_version);
        if (snapshot_.server_version < kOldestVersion) {
            return make_error(Errc::unsupported,
                              fmt::format("a server of version {} is too old: snapshots need PostgreSQL 13 "
                                          "or newer",
                                          number));
        }
        snapshot_.database = about[0][1].value_or("");
        UNDERSTUDY_CHECK(connection_.query(std::string(kSession)));
        // Names of a database without an encoding are bytes of any kind.
        const bool any_bytes = about[0][2] == "SQL_ASCII";
        UNDERSTUDY_CHECK(
            connection_.query(fmt::format("set local client_encoding to '{}'", any_bytes ? "SQL_ASCII" : "UTF8")));
        // An extension stands for its members, and a range type for its constructors and casts.
        UNDERSTUDY_TRY(
            const auto members,
            connection_.query("select d.classid::regclass, d.objid from pg_depend d where d.deptype = 'e'"
                              " or (d.deptype = 'i' and d.classid in ('pg_proc'::regclass, 'pg_cast'::regclass))"
                              " order by d.objid"));
        for (const Row& row : members) {
            if (row.size() != 2) return unexpected();
            Bytes& list = members_[row[0].value_or("")];
            if (!list.empty()) list += ',';
            list += row[1].value_or("");
        }
        return {};
    }

    /// Conditions on OIDs.
    Result<std::vector<Bytes>> ranges(const PartPieces& pieces) {
        if (pieces.of.empty()) return std::vector<Bytes>{Bytes()};
        const Bytes known = fmt::format("{} {} {}", pieces.of, pieces.oid, pieces.rows);
        if (const auto found = ranges_.find(known); found != ranges_.end()) return found->second;
        UNDERSTUDY_TRY(const auto cuts, connection_.query(fmt::format(
                                            "select oid from (select oid, row_number() over (order by oid) as n from"
                                            " (select oid from {}) y where oid >= {}) x where n % {} = 0 order by oid",
                                            pieces.of, kFirstUserOid, pieces.rows)));
        std::vector<Bytes> conditions;
        Bytes after = fmt::format("{} >= {}", pieces.oid, kFirstUserOid);
        for (const Row& row : cuts) {
            if (row.size() != 1 || !row[0]) return unexpected();
            conditions.push_back(fmt::format("({} and {} <= {})", after, pieces.oid, *row[0]));
            after = fmt::format("{} > {}", pieces.oid, *row[0]);
        }
        conditions.push_back("(" + after + ")");
        return ranges_[known] = std::move(conditions);
    }

    Result<void> read_part(const SnapshotPart& part) {
        std::string sql = part.sql;
        const auto members = members_.find(part.members);
        replace_all(sql, "$members", fmt::format("'{{{}}}'::oid[]", members == members_.end() ? "" : members->second));
        UNDERSTUDY_TRY(const auto pieces, ranges(part.pieces));
        for (const Bytes& piece : pieces) {
            std::string query = sql;
            replace_all(query, "$range", piece);
            UNDERSTUDY_CHECK(connection_.query("savepoint part"));
            const auto rows = connection_.query(query);
            if (!rows && connection_.last_failure() == QueryFailure::connection) return rows.error();
            const bool refused = !rows && connection_.last_failure() == QueryFailure::privilege;
            // Gives back the locks that looking at definitions took.
            UNDERSTUDY_CHECK(connection_.query("rollback to savepoint part"));
            if (refused) {
                snapshot_.unread.push_back({part.what, rows.error().message});
                return {};
            }
            if (!rows)
                return make_error(rows.error().code,
                                  fmt::format("cannot read the {}: {}", part.what, advice(rows.error())));
            for (const Row& row : *rows) UNDERSTUDY_CHECK(take(part, row));
        }
        return {};
    }

    /// The functions that print definitions see the catalogues of now, not of the transaction's begin.
    void note_vanished() {
        for (const SchemaObject& object : snapshot_.objects) {
            const Bytes& kind = object.identity.kind;
            const bool defined = kind == "constraint" || kind == "trigger" || kind == "rule" ||
                                 (kind == "relation" && object.text("kind").ends_with("view"));
            if (!defined || object.property("definition") != nullptr) continue;
            snapshot_.unread.push_back({fmt::format("the definition of {} {}", kind, object.identity.name),
                                        "it was dropped while the snapshot was taken: take it again"});
        }
        snapshot_.sort();
    }

    static Bytes advice(const Error& error) {
        if (error.message.find("lock timeout") == Bytes::npos) return error.message;
        return error.message + " (somebody holds a lock on a table, perhaps a migration that runs: try again)";
    }

    Result<void> take(const SnapshotPart& part, const Row& row) {
        if (row.size() != kIdentityColumns + part.properties.size()) return unexpected();
        if (snapshot_.objects.size() >= kMaxSnapshotObjects) {
            return make_error(Errc::limit, fmt::format("the database has more than {} objects", kMaxSnapshotObjects));
        }
        for (std::size_t i = 0; i < kIdentityColumns; ++i) {
            if (!row[i]) return unexpected();
        }
        const bool role = *row[0] == "role";
        SchemaObject& object = (role ? snapshot_.roles : snapshot_.objects).emplace_back();
        object.identity = {*row[0], *row[1], *row[2], *row[3]};
        for (std::size_t i = 0; i < part.properties.size(); ++i) {
            const auto& cell = row[kIdentityColumns + i];
            if (!cell) continue;
            BytesView name = part.properties[i];
            const bool definition = name.ends_with("=");
            if (definition) name.remove_suffix(1);
            if (!name.ends_with("[]")) {
                object.properties.push_back({Bytes(name), definition ? canonical_definition(*cell) : *cell});
                continue;
            }
            UNDERSTUDY_TRY(auto items, parse_text_array(*cell));
            if (definition) {
                for (Bytes& item : items) item = canonical_definition(std::move(item));
            }
            object.properties.push_back({Bytes(name.substr(0, name.size() - 2)), std::move(items)});
        }
        withhold(object);
        return {};
    }

    /// Takes out what is of this copy alone, or may be a secret.
    static void withhold(SchemaObject& object) {
        const Bytes& kind = object.identity.kind;
        for (Property& property : object.properties) {
            auto* text = std::get_if<Bytes>(&property.value);
            if (text == nullptr) continue;
            if (kind.starts_with("setting") && !keeps_setting_value(object.identity.name)) *text = "(withheld)";
            if (kind == "database" && property.name == "comment") *text = comment_with_marker(*text, std::nullopt);
        }
        std::erase_if(object.properties, [&](const Property& property) {
            return kind == "database" && property.name == "comment" && property.text().empty();
        });
    }

    static Error unexpected() {
        return make_error(Errc::protocol, "the server's catalogues are not of the expected form");
    }

    ControlConnection& connection_;
    Snapshot snapshot_;
    std::map<Bytes, std::vector<Bytes>> ranges_;
    std::map<Bytes, Bytes> members_;  // by catalogue: OIDs of what an extension or a type stands for
};

}  // namespace

Result<Snapshot> read_snapshot(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, limits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(auto snapshot, Reading(connection).read());
    UNDERSTUDY_CHECK(connection.commit());
    return snapshot;
}

}  // namespace understudy::catalog

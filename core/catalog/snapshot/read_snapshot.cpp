#include "core/catalog/snapshot/read_snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <optional>
#include <thread>

#include "core/catalog/snapshot/snapshot_parts.hpp"
#include "core/catalog/snapshot/snapshot_rows.hpp"

namespace understudy::catalog {
namespace {

constexpr int kOldestVersion = 130000;
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

Error unexpected() { return make_error(Errc::protocol, "the server's catalogues are not of the expected form"); }

/// A query to be asked on one connection or another: a part, or a piece of it; and its answer.
struct Question {
    const SnapshotPart* part;
    std::string sql;
    std::vector<SchemaObject> objects;
    std::optional<Error> refused;  ///< for want of a privilege
};

/// What there is to be asked, for all connections.
struct Questions {
    int server_version = 0;
    Bytes database;
    std::string encoding;  ///< of the session
    std::vector<SnapshotPart> parts;
    std::vector<Question> all;
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> objects = 0;  ///< in the answers so far
    std::atomic<bool> over = false;        ///< somebody failed
};

Result<void> set_session(ControlConnection& connection, const Questions& questions) {
    UNDERSTUDY_CHECK(connection.query(std::string(kSession)));
    UNDERSTUDY_CHECK(connection.query(fmt::format("set local client_encoding to '{}'", questions.encoding)));
    return {};
}

/// Finds out what is to be asked.
class Preparation {
public:
    Preparation(ControlConnection& connection, Questions& questions)
        : connection_(connection), questions_(questions) {}

    Result<void> run() {
        UNDERSTUDY_TRY(const auto about,
                       connection_.query("select current_setting('server_version_num'), current_database(),"
                                         " current_setting('server_encoding')"));
        if (about.size() != 1 || about[0].size() != 3) return unexpected();
        const Bytes number = about[0][0].value_or("");
        std::from_chars(number.data(), number.data() + number.size(), questions_.server_version);
        if (questions_.server_version < kOldestVersion) {
            return make_error(Errc::unsupported,
                              fmt::format("a server of version {} is too old: snapshots need PostgreSQL 13 "
                                          "or newer",
                                          number));
        }
        questions_.database = about[0][1].value_or("");
        // Names of a database without an encoding are bytes of any kind.
        questions_.encoding = about[0][2] == "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
        UNDERSTUDY_CHECK(set_session(connection_, questions_));
        UNDERSTUDY_CHECK(read_members());
        questions_.parts = snapshot_parts(questions_.server_version);
        for (const SnapshotPart& part : questions_.parts) UNDERSTUDY_CHECK(add(part));
        return {};
    }

private:
    /// An extension stands for its members, and a range type for its constructors and casts.
    Result<void> read_members() {
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

    Result<void> add(const SnapshotPart& part) {
        std::string sql = part.sql;
        const auto members = members_.find(part.members);
        replace_all(sql, "$members", fmt::format("'{{{}}}'::oid[]", members == members_.end() ? "" : members->second));
        UNDERSTUDY_TRY(const auto pieces, ranges(part.pieces));
        for (const Bytes& piece : pieces) {
            Question& question = questions_.all.emplace_back(Question{&part, sql, {}, {}});
            replace_all(question.sql, "$range", piece);
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

    ControlConnection& connection_;
    Questions& questions_;
    std::map<Bytes, std::vector<Bytes>> ranges_;
    std::map<Bytes, Bytes> members_;  // by catalogue: OIDs of what an extension or a type stands for
};

/// Takes questions until there is none left, on one connection.
class Asking {
public:
    Asking(ControlConnection& connection, Questions& questions) : connection_(connection), questions_(questions) {}

    Result<void> run() {
        while (!questions_.over) {
            const std::size_t index = questions_.next++;
            if (index >= questions_.all.size()) break;
            if (auto asked = ask(questions_.all[index]); !asked) {
                questions_.over = true;
                return asked.error();
            }
        }
        return {};
    }

private:
    Result<void> ask(Question& question) {
        UNDERSTUDY_CHECK(connection_.query("savepoint part"));
        const auto rows = connection_.query(question.sql);
        if (!rows && connection_.last_failure() == QueryFailure::connection) return rows.error();
        const bool refused = !rows && connection_.last_failure() == QueryFailure::privilege;
        // Gives back the locks that looking at definitions took.
        UNDERSTUDY_CHECK(connection_.query("rollback to savepoint part"));
        if (refused) {
            question.refused = rows.error();
            return {};
        }
        if (!rows)
            return make_error(rows.error().code,
                              fmt::format("cannot read the {}: {}", question.part->what, advice(rows.error())));
        if ((questions_.objects += rows->size()) > kMaxSnapshotObjects) {
            return make_error(Errc::limit, fmt::format("the database has more than {} objects", kMaxSnapshotObjects));
        }
        question.objects.reserve(rows->size());
        for (const Row& row : *rows) {
            UNDERSTUDY_TRY(auto object, object_of_row(*question.part, row));
            question.objects.push_back(std::move(object));
        }
        return {};
    }

    static Bytes advice(const Error& error) {
        if (error.message.find("lock timeout") == Bytes::npos) return error.message;
        return error.message + " (somebody holds a lock on a table, perhaps a migration that runs: try again)";
    }

    ControlConnection& connection_;
    Questions& questions_;
};

/// The name of the transaction's snapshot, for a second connection; empty where this server gives none. Docs:
/// "Snapshot Synchronization Functions".
Result<std::string> begin_shared(ControlConnection& connection) {
    UNDERSTUDY_CHECK(connection.begin_read_only());
    const auto name = connection.query("select pg_catalog.pg_export_snapshot()");
    if (name && name->size() == 1 && name->front().size() == 1) return name->front()[0].value_or("");
    if (connection.last_failure() == QueryFailure::connection) return name.error();
    UNDERSTUDY_CHECK(connection.query("rollback"));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    return std::string();
}

/// Helps with the questions, where the server lets a second connection see what the first one sees.
Result<void> help(const std::string& conninfo, const ControlLimits& limits, const std::string& shared,
                  Questions& questions) {
    auto connection = ControlConnection::open(conninfo, limits);
    if (!connection || !connection->begin_read_only() ||
        !connection->query("set transaction snapshot " + connection->quoted_literal(shared)) ||
        !set_session(*connection, questions)) {
        return {};  // the first one asks them all
    }
    return Asking(*connection, questions).run();
}

/// In the order of the questions, whoever answered them.
Snapshot put_together(Questions& questions) {
    Snapshot snapshot;
    snapshot.server_version = questions.server_version;
    snapshot.database = std::move(questions.database);
    snapshot.objects.reserve(questions.objects);
    for (Question& question : questions.all) {
        if (question.refused) snapshot.unread.push_back({question.part->what, question.refused->message});
        for (SchemaObject& object : question.objects) {
            (object.identity.kind == "role" ? snapshot.roles : snapshot.objects).push_back(std::move(object));
        }
    }
    snapshot.sort();
    return snapshot;
}

/// The functions that print definitions see the catalogues of now, not of the transaction's begin.
void note_vanished(Snapshot& snapshot) {
    for (const SchemaObject& object : snapshot.objects) {
        const Bytes& kind = object.identity.kind;
        const bool defined = kind == "constraint" || kind == "trigger" || kind == "rule" ||
                             (kind == "relation" && object.text("kind").ends_with("view"));
        if (!defined || object.property("definition") != nullptr) continue;
        snapshot.unread.push_back({fmt::format("the definition of {} {}", kind, object.identity.name),
                                   "it was dropped while the snapshot was taken: take it again"});
    }
    std::sort(snapshot.unread.begin(), snapshot.unread.end());
}

}  // namespace

Result<Snapshot> read_snapshot(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, limits));
    UNDERSTUDY_TRY(const std::string shared, begin_shared(connection));
    Questions questions;
    UNDERSTUDY_CHECK(Preparation(connection, questions).run());
    const bool large = questions.all.size() > questions.parts.size();  // some part is in pieces
    Result<void> helped;
    std::thread helper;
    if (large && !shared.empty()) helper = std::thread([&] { helped = help(conninfo, limits, shared, questions); });
    const auto asked = Asking(connection, questions).run();
    if (helper.joinable()) helper.join();
    UNDERSTUDY_CHECK(asked);
    UNDERSTUDY_CHECK(helped);
    UNDERSTUDY_CHECK(connection.commit());
    Snapshot snapshot = put_together(questions);
    note_vanished(snapshot);
    return snapshot;
}

}  // namespace understudy::catalog

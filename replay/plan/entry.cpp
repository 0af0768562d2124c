#include "replay/plan/entry.hpp"

#include <algorithm>
#include <array>

#include "core/pgwire/frontend_messages.hpp"

namespace understudy::replay {
namespace {

/// The reported settings that a session may change (PostgreSQL docs, "Asynchronous Operations" of the protocol).
constexpr std::array<BytesView, 8> kSettable{
    "application_name", "client_encoding", "DateStyle", "default_transaction_read_only",
    "IntervalStyle",    "search_path",     "TimeZone",  "standard_conforming_strings"};

Bytes quoted_literal(BytesView text) {
    Bytes quoted = "'";
    for (const char c : text) quoted += c == '\'' ? "''" : Bytes(1, c);
    return quoted + "'";
}

/// set_config takes a value as it was reported, where SET would take a list of names as one.
Bytes set_setting(BytesView name, BytesView value) {
    return pgwire::encode_frontend(pgwire::Query{"select pg_catalog.set_config(" + quoted_literal(name) + ", " +
                                                 quoted_literal(value) + ", false)"});
}

}  // namespace

std::vector<EntryStep> entry_steps(const SessionState& recorded,
                                   const std::vector<std::pair<Bytes, Bytes>>& settings_at_login) {
    std::vector<EntryStep> steps;
    if (recorded.next_ordinal == Ordinal()) return steps;
    for (const auto& setting : recorded.settings) {
        const bool settable =
            std::find(kSettable.begin(), kSettable.end(), BytesView(setting.first)) != kSettable.end();
        const bool same =
            std::find(settings_at_login.begin(), settings_at_login.end(), setting) != settings_at_login.end();
        // A backslash is one only where strings are standard-conforming, which is what a session begins with.
        const bool plain = setting.second.find('\\') == Bytes::npos;
        if (settable && !same && plain) steps.push_back({set_setting(setting.first, setting.second), std::nullopt});
    }
    for (const PreparedStatement& statement : recorded.statements) {
        if (statement.name.empty()) continue;
        Bytes frames = pgwire::encode_frontend(pgwire::Parse{statement.name, statement.sql, statement.parameter_types});
        pgwire::encode_frontend_to(frames, pgwire::Sync{});
        steps.push_back({std::move(frames), statement.name});
    }
    return steps;
}

}  // namespace understudy::replay

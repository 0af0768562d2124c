#include "core/catalog/target_marker.hpp"

#include <fmt/format.h>

#include <charconv>

namespace understudy::catalog {
namespace {

constexpr BytesView kPrefix = "staging:";
constexpr BytesView kCommentPrefix = "understudy.target=";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::optional<std::uint64_t> parse_marker(BytesView text) {
    if (text.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
    return parse_system_identifier(text.substr(kPrefix.size()));
}

struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint64_t identifier = 0;
};

/// The next "staging:IDENTIFIER" of a comment from `position` on, as a word of its own.
std::optional<Found> next_marker(BytesView comment, std::size_t position) {
    while ((position = comment.find(kPrefix, position)) != BytesView::npos) {
        std::size_t end = position + kPrefix.size();
        while (end < comment.size() && is_digit(comment[end])) ++end;
        const auto identifier = parse_marker(comment.substr(position, end - position));
        const bool word =
            (position == 0 || !is_word(comment[position - 1])) && (end == comment.size() || !is_word(comment[end]));
        if (word && identifier) return Found{position, end, *identifier};
        position = end;
    }
    return std::nullopt;
}

std::optional<FoundMarker> marker_in_comment(BytesView comment, const std::optional<std::uint64_t>& own) {
    std::optional<FoundMarker> result;
    for (auto found = next_marker(comment, 0); found; found = next_marker(comment, found->end)) {
        if (!result || found->identifier == own) result = FoundMarker{FoundMarker::Place::comment, found->identifier};
    }
    return result;
}

Error refuse(std::string reason) { return make_error(Errc::refused, std::move(reason)); }

}  // namespace

const std::string kMarkerQuery =
    "select " + std::string(kSystemIdentifierSql) +
    ", (select pg_catalog.string_agg(pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1), E'\\n')"
    " from pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c"
    " where s.setdatabase = d.oid and s.setrole = 0"
    " and pg_catalog.lower(pg_catalog.split_part(c, '=', 1)) = 'understudy.target')"
    ", pg_catalog.shobj_description(d.oid, 'pg_database')"
    ", pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('server_version'), d.datname, current_user"
    ", (select rolsuper from pg_catalog.pg_roles where rolname = current_user)"
    " from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()";

std::string marker_text(std::uint64_t system_identifier) { return fmt::format("{}{}", kPrefix, system_identifier); }

std::optional<std::uint64_t> parse_system_identifier(BytesView text) {
    const char* end = text.data() + text.size();
    std::uint64_t value = 0;
    std::from_chars_result parsed{};
    if (!text.empty() && text[0] == '-') {
        std::int64_t negative = 0;
        parsed = std::from_chars(text.data(), end, negative);
        value = static_cast<std::uint64_t>(negative);
    } else {
        parsed = std::from_chars(text.data(), end, value);
    }
    if (parsed.ec != std::errc() || parsed.ptr != end || value == 0) return std::nullopt;
    return value;
}

Result<TargetFacts> parse_target_facts(const std::vector<std::optional<BytesView>>& row) {
    const auto malformed = [] {
        return make_error(Errc::protocol, "the target's answer about itself is not of the expected form");
    };
    if (row.size() != kMarkerColumns) return malformed();
    for (const std::size_t column : {3U, 4U, 5U, 6U, 7U}) {
        if (!row[column]) return malformed();
    }
    for (const std::size_t column : {3U, 7U}) {
        if (row[column] != "t" && row[column] != "f") return malformed();
    }
    TargetFacts facts;
    if (row[0]) {
        facts.system_identifier = parse_system_identifier(*row[0]);
        if (!facts.system_identifier) return malformed();
    }
    if (row[1]) facts.setting = Bytes(*row[1]);
    if (row[2]) facts.comment = Bytes(*row[2]);
    facts.in_recovery = row[3] == "t";
    facts.server_version = *row[4];
    facts.database = *row[5];
    facts.user = *row[6];
    facts.superuser = row[7] == "t";
    return facts;
}

std::optional<FoundMarker> find_marker(const TargetFacts& facts) {
    if (facts.setting) return FoundMarker{FoundMarker::Place::setting, parse_marker(*facts.setting)};
    if (facts.comment) return marker_in_comment(*facts.comment, facts.system_identifier);
    return std::nullopt;
}

Bytes comment_with_marker(BytesView comment, std::optional<std::uint64_t> system_identifier) {
    Bytes text(comment);
    while (const auto found = next_marker(text, 0)) {
        std::size_t begin = found->begin;
        std::size_t end = found->end;
        if (BytesView(text).substr(0, begin).ends_with(kCommentPrefix)) begin -= kCommentPrefix.size();
        const bool line_ends = end == text.size() || text[end] == '\n';
        if (begin > 0 && text[begin - 1] == '\n' && line_ends) {
            --begin;  // the marker had a line of its own
        } else if (begin == 0 && line_ends && end < text.size()) {
            ++end;
        }
        text.erase(begin, end - begin);
    }
    if (!system_identifier) return text;
    if (!text.empty()) text += '\n';
    return text + Bytes(kCommentPrefix) + marker_text(*system_identifier);
}

Result<void> judge_target(const TargetFacts& facts, std::uint64_t recorded_system_identifier,
                          std::optional<std::uint64_t> production_id_given, bool production_id_none) {
    const std::string where = fmt::format("database \"{}\"", facts.database);
    if (facts.in_recovery) {
        return refuse(where +
                      " is on a standby (in recovery): it cannot be written and may be a replica of production; "
                      "give a staging server of its own as the target");
    }
    if (!facts.system_identifier) {
        return refuse(
            fmt::format("user \"{0}\" may not read the system identifier of the target, so it cannot be told from "
                        "production; run there: GRANT EXECUTE ON FUNCTION pg_control_system() TO \"{0}\"",
                        facts.user));
    }
    const std::uint64_t own = *facts.system_identifier;
    if (own == recorded_system_identifier || (production_id_given && own == *production_id_given)) {
        return refuse(
            fmt::format("{} has the system identifier {} of the recorded production: it is production, or a "
                        "physical copy or replica "
                        "of it; restore production's data into a server made by initdb (pg_dump and "
                        "pg_restore) and give that one",
                        where, own));
    }
    const std::optional<FoundMarker> marker = find_marker(facts);
    if (!marker) {
        return refuse(where +
                      " is not marked as a place to replay into; if it is one, say so once: "
                      "understudy target --mark CONNINFO");
    }
    if (marker->identifier != own) {
        const std::string named = marker->identifier ? fmt::format("names the server {}", *marker->identifier)
                                                     : std::string("does not read staging:SYSTEM_IDENTIFIER");
        return refuse(
            fmt::format("the marker of {} {}, but this server is {}: the marker was copied along from elsewhere; "
                        "if this is staging, mark it anew: understudy target --mark CONNINFO",
                        where, named, own));
    }
    if (recorded_system_identifier == 0 && !production_id_given && !production_id_none) {
        return refuse(fmt::format(
            "the capture does not say which server it was recorded from; give production's own identifier "
            "(SELECT system_identifier FROM pg_control_system()) as --production-id ID, or, if you are sure "
            "that the "
            "target ({}) is not production, --production-id none",
            own));
    }
    return {};
}

}  // namespace understudy::catalog

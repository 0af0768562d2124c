#include "core/sql/outside_effects.hpp"

#include <algorithm>
#include <array>

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

template <std::size_t N>
bool contains(const std::array<BytesView, N>& list, BytesView word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}
template <std::size_t N>
bool has_prefix_in(const std::array<BytesView, N>& list, BytesView word) {
    return std::any_of(list.begin(), list.end(), [&](BytesView prefix) { return word.starts_with(prefix); });
}

/// Functions of the server and of common extensions; PostgreSQL documentation 9.27 "System Administration
/// Functions", 35.4 "Server-Side Functions", appendix F (dblink, adminpack).
constexpr std::array<BytesView, 21> kFunctions = {"pg_terminate_backend",
                                                  "pg_cancel_backend",
                                                  "pg_reload_conf",
                                                  "pg_rotate_logfile",
                                                  "pg_switch_wal",
                                                  "pg_switch_xlog",
                                                  "pg_promote",
                                                  "pg_start_backup",
                                                  "pg_stop_backup",
                                                  "pg_stat_file",
                                                  "pg_drop_replication_slot",
                                                  "pg_replication_slot_advance",
                                                  "pg_sync_replication_slots",
                                                  "pg_log_backend_memory_contexts",
                                                  "pg_log_standby_snapshot",
                                                  "lo_import",
                                                  "lo_export",
                                                  "http",
                                                  "pg_rotate_logfile_old",
                                                  "pg_background_launch",
                                                  "pg_background_launch_with_subtransaction"};
constexpr std::array<BytesView, 12> kFunctionFamilies = {
    "pg_read_",       "pg_write_",  "pg_file_", "pg_ls_",      "pg_backup_",
    "pg_wal_replay_", "pg_create_", "pg_copy_", "pg_logical_", "pg_replication_origin_",
    "dblink",         "http_"};
/// What every name above begins with: most words are dismissed by this.
constexpr std::array<BytesView, 4> kFunctionStarts = {"pg_", "lo_", "http", "dblink"};
/// pg_net, pg_cron, and the extensions of a hosted PostgreSQL: all that these schemas hold acts outside.
constexpr std::array<BytesView, 4> kSchemas = {"net", "cron", "aws_s3", "aws_lambda"};
constexpr std::array<BytesView, 9> kTextRunners = {"query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
                                                   "ts_stat",      "ts_rewrite",         "crosstab",
                                                   "crosstabn",    "connectby",          "xpath_table"};

constexpr std::array<BytesView, 4> kVerbs = {"create", "alter", "drop", "import"};
constexpr std::array<BytesView, 11> kNouns = {"system", "subscription", "server", "extension", "database", "tablespace",
                                              "role",   "user",         "group",  "foreign",   "language"};
/// Words that alone make a text worth parsing.
constexpr std::array<BytesView, 7> kSuspects = {"copy", "load", "checkpoint", "grant", "revoke", "do", "execute"};
constexpr std::size_t kLongestSchema = 10;

bool word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Collects what the words of a text hint at. A word is the longest run of identifier bytes without '$',
/// digits before it removed: whatever a scanner makes of the text, an identifier's words are among these.
class Suspicion {
public:
    /// Whether this word settles it.
    bool take(BytesView raw) {
        while (!raw.empty() && raw[0] >= '0' && raw[0] <= '9') raw.remove_prefix(1);
        if (raw.size() < 2 || !may_matter(raw[0])) return false;
        const Bytes word = to_lower(raw);
        if (contains(kSuspects, word) || function_effect({}, word) || runs_sql_text(word)) return true;
        if (word.size() <= kLongestSchema && contains(kSchemas, word)) return true;
        verb_ = verb_ || contains(kVerbs, word);
        noun_ = noun_ || contains(kNouns, word);
        return verb_ && noun_;
    }

private:
    /// Whether any listed word begins with that letter.
    static bool may_matter(char c) {
        return BytesView("acdefghilnpqrstuxACDEFGHILNPQRSTUX").find(c) != BytesView::npos;
    }
    bool verb_ = false;
    bool noun_ = false;
};

/// Reads one statement's tokens after another.
class EffectScanner {
public:
    EffectScanner(std::vector<Bytes>& out, bool inside_literals) : out_(out), inside_literals_(inside_literals) {}

    void scan(BytesView sql, int depth) {
        Token last;
        for (const Token& token : Tokens(sql)) {
            if (token.kind == TokenKind::comment) continue;
            const bool number = last.kind == TokenKind::integer || last.kind == TokenKind::numeric;
            const bool junk = number && last.end() == token.offset;
            last = token;
            const bool literal = token.kind == TokenKind::string || token.kind == TokenKind::dollar_string;
            if (literal) take_literal();
            if (literal && inside_literals_ && depth < kMaxDepth) {
                EffectScanner(out_, true).scan(token.body, depth + 1);
            }
            // No grammar has a name right behind a number.
            if (token.kind == TokenKind::word && !junk) take_word(to_lower(token.text));
            if (token.kind == TokenKind::quoted_identifier) take_name(to_lower(token.body));
            if (token.kind == TokenKind::punctuation) take_punctuation(token);
        }
        if (previous_ == "checkpoint") add("CHECKPOINT");
        if (grant_) add("GRANT ROLE");
    }

private:
    static constexpr int kMaxDepth = 4;

    void add(BytesView effect) { out_.emplace_back(effect); }

    void take_name(Bytes name) {
        const bool qualified = previous_ == ".";
        if (const auto effect = function_effect(qualified ? before_ : Bytes(), name)) out_.push_back(*effect);
        shift(std::move(name));
    }
    void take_word(Bytes word) {
        copy_ = copy_ || word == "copy";
        if (word == "grant" || word == "revoke") grant_ = true;
        if (word == "on") grant_ = false;
        const bool change = previous_ == "create" || previous_ == "alter" || previous_ == "drop";
        if (change) take_object(word);
        const bool changed = before_ == "create" || before_ == "alter" || before_ == "drop";
        if (changed && previous_ == "user" && word == "mapping") add(upper(before_) + " USER MAPPING");
        if (changed && previous_ == "foreign" && word == "data") add(upper(before_) + " FOREIGN DATA WRAPPER");
        if (before_ == "import" && previous_ == "foreign" && word == "schema") add("IMPORT FOREIGN SCHEMA");
        take_name(std::move(word));
    }
    /// The word after CREATE, ALTER or DROP.
    void take_object(BytesView word) {
        if (word == "role" || word == "user" || word == "group") {
            add(upper(previous_) + " ROLE");
        } else if (word == "language" || word == "extension") {
            if (previous_ == "create") add("CREATE EXTENSION");
        } else if (word != "foreign" && contains(kNouns, word)) {
            add(upper(previous_) + " " + upper(Bytes(word)));
        }
    }
    void take_literal() {
        if (previous_ == "load") add("LOAD");
        if (copy_ && previous_ == "program") add("COPY PROGRAM");
        if (copy_ && (previous_ == "from" || previous_ == "to")) add("COPY FILE");
        shift("'");
    }
    void take_punctuation(const Token& token) {
        if (token.is(';')) {
            if (previous_ == "checkpoint") add("CHECKPOINT");
            if (grant_) add("GRANT ROLE");
            grant_ = false;
            copy_ = false;
        }
        shift(Bytes(token.text));
    }
    void shift(Bytes word) {
        before_ = std::move(previous_);
        previous_ = std::move(word);
    }
    static Bytes upper(Bytes text) {
        for (char& c : text) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        return text;
    }

    std::vector<Bytes>& out_;
    bool inside_literals_;
    bool copy_ = false;
    bool grant_ = false;
    Bytes previous_;
    Bytes before_;
};

}  // namespace

std::optional<Bytes> function_effect(BytesView schema, BytesView name) {
    if (has_prefix_in(kFunctionStarts, name) &&
        (contains(kFunctions, name) || has_prefix_in(kFunctionFamilies, name))) {
        return Bytes(name);
    }
    if (contains(kSchemas, schema)) return Bytes(schema) + "." + Bytes(name);
    return std::nullopt;
}

bool runs_sql_text(BytesView name) {
    return contains(kTextRunners, name) || name.starts_with("query_to_xml") || name.starts_with("crosstab");
}

bool may_have_outside_effects(BytesView sql) {
    Suspicion suspicion;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= sql.size(); ++i) {
        if (i < sql.size() && word_byte(sql[i])) continue;
        if (i > begin && suspicion.take(sql.substr(begin, i - begin))) return true;
        // U&"\0070g_..." hides any name.
        if (i > begin && i + 1 < sql.size() && sql[i] == '&' && sql[i + 1] == '"') return true;
        begin = i + 1;
    }
    return false;
}

std::vector<Bytes> lexical_outside_effects(BytesView sql, bool inside_literals) {
    std::vector<Bytes> effects;
    EffectScanner(effects, inside_literals).scan(sql, 0);
    std::sort(effects.begin(), effects.end());
    effects.erase(std::unique(effects.begin(), effects.end()), effects.end());
    return effects;
}

}  // namespace understudy::sql

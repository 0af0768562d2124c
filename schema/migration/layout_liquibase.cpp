#include <fmt/format.h>

#include <map>
#include <set>

#include "core/sql/lexer.hpp"
#include "schema/migration/layout_parts.hpp"

// Liquibase's formatted SQL: changesets in a file, each with its rollback in comments.
namespace understudy::schema::layouts {
namespace {

/// The text after "--", when the line is a comment that begins with `word`, whose case does not count.
std::optional<std::string_view> after_marker(BytesView line, std::string_view word) {
    std::string_view text = trimmed(line);
    if (!text.starts_with("--")) return std::nullopt;
    text = trimmed(text.substr(2));
    if (text.size() < word.size() || sql::to_lower(text.substr(0, word.size())) != word) return std::nullopt;
    text.remove_prefix(word.size());
    if (!text.empty() && !sql::is_space(text[0]) && text[0] != ':') return std::nullopt;
    return trimmed(text);
}

/// `name:value` of a changeset's line; the value may be quoted.
std::map<std::string, std::string> attributes_of(std::string_view text) {
    std::map<std::string, std::string> attributes;
    while (!(text = trimmed(text)).empty()) {
        const std::size_t colon = text.find_first_of(": \t");
        if (colon == std::string_view::npos) break;
        if (text[colon] != ':') {
            text.remove_prefix(colon);
            continue;
        }
        const std::string name = sql::to_lower(text.substr(0, colon));
        text.remove_prefix(colon + 1);
        const bool quoted = !text.empty() && (text[0] == '"' || text[0] == '\'');
        const std::size_t end = std::min(text.size(), quoted ? text.find(text[0], 1) : text.find_first_of(" \t"));
        attributes[name] = std::string(quoted ? text.substr(1, end - 1) : text.substr(0, end));
        text.remove_prefix(std::min(text.size(), end + (quoted ? 1 : 0)));
    }
    return attributes;
}

/// One changeset while its lines come.
struct Changeset {
    std::string id;
    std::size_t line = 0;
    std::size_t begin = 0;  ///< of its SQL in the file
    std::map<std::string, std::string> attributes;
    Bytes rollback;
    std::size_t rollback_line = 0;
    bool no_rollback = false;  ///< said: not required, or empty

    [[nodiscard]] bool is(const char* name, const char* value) const {
        const auto found = attributes.find(name);
        return found != attributes.end() && sql::to_lower(found->second) == value;
    }
};

class FormattedSql {
public:
    FormattedSql(const SourceFile& file, MigrationSet& set) : file_(file), set_(set) {}

    Result<void> run() {
        std::optional<Error> error;
        for_each_line(file_.text, [&](const Line& line) {
            if (error) return;
            if (auto taken = take(line); !taken) error = taken.error();
        });
        if (error) return *error;
        return close(file_.text.size());
    }

private:
    Result<void> take(const Line& line) {
        if (in_rollback_block_) {
            const std::size_t end = line.text.find("*/");
            add_rollback(line.text.substr(0, end), line.number);
            in_rollback_block_ = end == BytesView::npos;
            return {};
        }
        if (const auto rest = after_marker(line.text, "changeset")) return begin(line, *rest);
        if (is_liquibase_header(line.text)) return {};
        if (after_marker(line.text, "include") || after_marker(line.text, "property")) {
            return make_error(Errc::unsupported,
                              fmt::format("{}:{}: includes and properties are not read: run Liquibase itself "
                                          "with --migrate-command and --rollback-command",
                                          file_.path, line.number));
        }
        if (!changeset_) {
            const std::string_view text = trimmed(line.text);
            if (text.empty() || text.starts_with("--")) return {};
            return malformed(file_.path, line.number, "SQL before the first --changeset");
        }
        if (after_marker(line.text, "preconditions") || after_marker(line.text, "precondition-sql-check")) {
            set_.warnings.push_back(
                fmt::format("{}:{}: the precondition is not asked; the changeset counts as one that runs", file_.path,
                            line.number));
            return {};
        }
        if (const auto rest = after_marker(line.text, "rollback")) return on_rollback(line, *rest);
        const Bytes lower = sql::to_lower(trimmed(line.text));
        if (lower.starts_with("/*") && trimmed(BytesView(lower).substr(2)).starts_with("liquibase rollback")) {
            in_rollback_block_ = lower.find("*/") == Bytes::npos;
            if (changeset_->rollback_line == 0) changeset_->rollback_line = line.number + 1;
        }
        return {};
    }

    Result<void> begin(const Line& line, std::string_view rest) {
        UNDERSTUDY_CHECK(close(line.offset));
        if (rest.starts_with(':')) rest = trimmed(rest.substr(1));
        const std::size_t end = std::min(rest.size(), rest.find_first_of(" \t"));
        Changeset changeset;
        changeset.id = std::string(rest.substr(0, end));
        if (changeset.id.find(':') == std::string::npos || changeset.id.size() < 3) {
            return malformed(file_.path, line.number, "a changeset is named author:id");
        }
        changeset.line = line.number;
        changeset.begin = line.next;
        changeset.attributes = attributes_of(rest.substr(end));
        changeset_ = std::move(changeset);
        return {};
    }

    Result<void> on_rollback(const Line& line, std::string_view rest) {
        if (rest.starts_with(':')) rest = trimmed(rest.substr(1));
        const Bytes lower = sql::to_lower(rest);
        if (lower == "not required" || lower == "empty" || lower == "none") {
            changeset_->no_rollback = true;
            return {};
        }
        if (lower.starts_with("changesetid:")) {
            return make_error(Errc::unsupported,
                              fmt::format("{}:{}: a rollback that runs another changeset is not read: write "
                                          "its SQL after --rollback",
                                          file_.path, line.number));
        }
        add_rollback(rest, line.number);
        return {};
    }

    void add_rollback(std::string_view text, std::size_t line) {
        Changeset& changeset = *changeset_;
        if (changeset.rollback_line == 0) changeset.rollback_line = line;
        if (!changeset.rollback.empty()) {  // so that line numbers stay right
            const std::size_t now = line_of(changeset.rollback, changeset.rollback.size(), changeset.rollback_line);
            changeset.rollback.append(line > now ? line - now : 1, '\n');
        }
        changeset.rollback += text;
    }

    Result<void> close(std::size_t end) {
        if (in_rollback_block_) return malformed(file_.path, changeset_->line, "a rollback's comment does not end");
        if (!changeset_) return {};
        const Changeset changeset = std::move(*changeset_);
        changeset_.reset();
        const auto dbms = changeset.attributes.find("dbms");
        if (dbms != changeset.attributes.end() && dbms->second.find("postgresql") == std::string::npos &&
            dbms->second != "all") {
            set_.ignored.push_back({fmt::format("{}:{}", file_.path, changeset.line),
                                    fmt::format("changeset {} is for {}", changeset.id, dbms->second)});
            return {};
        }
        const auto delimiter = changeset.attributes.find("enddelimiter");
        const bool split = !changeset.is("splitstatements", "false");
        if (split && delimiter != changeset.attributes.end() && delimiter->second != ";") {
            return make_error(Errc::unsupported,
                              fmt::format("{}:{}: endDelimiter {} is not read; use splitStatements:false or "
                                          "run Liquibase with --migrate-command",
                                          file_.path, changeset.line, delimiter->second));
        }
        return add(changeset, BytesView(file_.text).substr(changeset.begin, end - changeset.begin), split);
    }

    Result<void> add(const Changeset& changeset, BytesView text, bool split) {
        const auto script = split ? make_script : make_whole_script;
        Migration migration;
        migration.version = changeset.id;
        migration.name = file_.path;
        UNDERSTUDY_TRY(migration.up, script(file_.path, text, changeset.line + 1));
        if (!changeset.rollback.empty()) {
            UNDERSTUDY_TRY(auto down, script(file_.path, changeset.rollback, changeset.rollback_line));
            migration.down = std::move(down);
        }
        const bool alone = changeset.is("runintransaction", "false");
        migration.up_mode = migration.down_mode = alone ? RunMode::statements : RunMode::transaction;
        migration.repeatable = changeset.is("runonchange", "true") || changeset.is("runalways", "true");
        if (changeset.no_rollback && !migration.down) {
            migration.declared_irreversible =
                fmt::format("{}:{}: its --rollback says that none is required", file_.path, changeset.line);
        }
        judge_down(migration);
        set_.migrations.push_back(std::move(migration));
        return {};
    }

    const SourceFile& file_;
    MigrationSet& set_;
    std::optional<Changeset> changeset_;
    bool in_rollback_block_ = false;
};

bool is_changelog(const std::string& path) {
    return path.ends_with(".xml") || path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
}

}  // namespace

bool is_liquibase_header(BytesView line) {
    const auto rest = after_marker(line, "liquibase");
    return rest && sql::to_lower(*rest).starts_with("formatted sql");
}

Result<MigrationSet> read_liquibase(const Files& files) {
    MigrationSet set;
    std::set<std::string> seen;
    for (const SourceFile& file : files) {
        bool header = false;
        for_each_line(file.text, [&](const Line& line) { header = header || is_liquibase_header(line.text); });
        if (!header) {
            set.ignored.push_back({file.path, "does not begin with --liquibase formatted sql"});
            if (is_changelog(file.path)) {
                set.warnings.push_back(
                    fmt::format("{} is not read: if it is a changelog, its order and changesets are not "
                                "known here; changesets run in the order of the files' names",
                                file.path));
            }
            continue;
        }
        const std::size_t before = set.migrations.size();
        UNDERSTUDY_CHECK(FormattedSql(file, set).run());
        for (std::size_t i = before; i < set.migrations.size(); ++i) {
            if (seen.insert(set.migrations[i].title()).second) continue;
            return make_error(Errc::usage,
                              fmt::format("{}: changeset {} comes twice", file.path, set.migrations[i].version));
        }
    }
    return set;
}

}  // namespace understudy::schema::layouts

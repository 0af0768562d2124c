#include <fmt/format.h>

#include <algorithm>

#include "core/sql/lexer.hpp"
#include "schema/migration/layout_parts.hpp"

// Layouts with both directions in one file, between marker lines: dbmate, goose, sql-migrate.
namespace understudy::schema::layouts {
namespace {

/// The words of a marker line in lower case ("up", "transaction:false"); nothing when it is none of this layout.
std::optional<std::vector<std::string>> marker_words(BytesView line, Layout layout) {
    if (!line.starts_with("--")) return std::nullopt;
    std::string_view rest = trimmed(line.substr(2));
    const std::string_view prefix = layout == Layout::dbmate  ? "migrate:"
                                    : layout == Layout::goose ? "+goose"
                                                              : "+migrate";
    if (!rest.starts_with(prefix)) return std::nullopt;
    rest.remove_prefix(prefix.size());
    std::vector<std::string> words;
    std::string word;
    for (const char c : std::string(rest) + " ") {
        if (!sql::is_space(c)) {
            word += c;
        } else if (!word.empty()) {
            words.push_back(sql::to_lower(word));
            word.clear();
        }
    }
    return words;
}

/// One file's parts, gathered line by line.
class MarkedFile {
public:
    MarkedFile(const SourceFile& file, Layout layout, MigrationSet& set) : file_(file), layout_(layout), set_(set) {}

    Result<Migration> run() {
        std::optional<Error> error;
        for_each_line(file_.text, [&](const Line& line) {
            if (error) return;
            if (auto taken = take(line); !taken) error = taken.error();
        });
        if (error) return *error;
        if (block_) return malformed(file_.path, block_line_, "StatementBegin without StatementEnd");
        UNDERSTUDY_CHECK(close_part(file_.text.size()));
        if (!seen_up_) return malformed(file_.path, 1, "no marker of the up part");
        if (seen_down_) migration_.down = down_;
        migration_.up = up_;
        migration_.up_mode = mode_of(up_alone_);
        migration_.down_mode = mode_of(layout_ == Layout::goose ? up_alone_ : down_alone_);
        judge_down(migration_);
        return std::move(migration_);
    }

private:
    enum class Part { none, up, down };

    [[nodiscard]] RunMode mode_of(bool alone) const {
        if (layout_ == Layout::dbmate) return alone ? RunMode::one_batch : RunMode::transaction_batch;
        return alone ? RunMode::statements : RunMode::transaction;
    }

    Result<void> take(const Line& line) {
        const auto words = marker_words(line.text, layout_);
        if (!words || words->empty()) {
            if (part_ == Part::none) return check_outside(line);
            return {};
        }
        const std::string& first = words->front();
        if (first == "up" || first == "down") return begin_part(line, first == "up", *words);
        if (first == "statementbegin" || first == "statementend") return on_block(line, first == "statementbegin");
        if (layout_ == Layout::goose && first == "no" && words->size() > 1 && (*words)[1] == "transaction") {
            up_alone_ = true;
            return {};
        }
        if (layout_ == Layout::goose && first == "envsub") {
            if (words->size() > 1 && (*words)[1] == "off") return {};
            return make_error(Errc::unsupported,
                              fmt::format("{}:{}: goose would put environment variables into the text: run "
                                          "goose itself with --migrate-command",
                                          file_.path, line.number));
        }
        return malformed(file_.path, line.number, fmt::format("{} knows no marker \"{}\"", to_string(layout_), first));
    }

    Result<void> check_outside(const Line& line) {
        const std::string_view text = trimmed(line.text);
        if (text.empty() || text.starts_with("--") || in_comment_) {
            if (text.find("*/") != std::string_view::npos) in_comment_ = false;
            return {};
        }
        if (text.starts_with("/*")) {
            in_comment_ = text.find("*/") == std::string_view::npos;
            return {};
        }
        return malformed(file_.path, line.number, "SQL before the marker of the up part, which no direction runs");
    }

    Result<void> begin_part(const Line& line, bool up, const std::vector<std::string>& words) {
        if (block_) return malformed(file_.path, block_line_, "StatementBegin without StatementEnd");
        bool& seen = up ? seen_up_ : seen_down_;
        if (seen && layout_ != Layout::sql_migrate) {
            return malformed(file_.path, line.number, fmt::format("a second {} part", words.front()));
        }
        UNDERSTUDY_CHECK(close_part(line.offset));
        seen = true;
        part_ = up ? Part::up : Part::down;
        bool& alone = up ? up_alone_ : down_alone_;
        for (const std::string& word : words) {
            alone = alone || (layout_ == Layout::dbmate && word == "transaction:false") ||
                    (layout_ == Layout::sql_migrate && word == "notransaction");
        }
        part_begin_ = line.next;
        part_line_ = line.number + 1;
        begin_segment(line.next, line.number + 1);
        return {};
    }

    Result<void> on_block(const Line& line, bool begin) {
        if (layout_ == Layout::dbmate) return malformed(file_.path, line.number, "dbmate knows no such marker");
        if (part_ == Part::none || begin == block_) {
            return malformed(
                file_.path, line.number,
                begin ? "StatementBegin where no statement can begin" : "StatementEnd without StatementBegin");
        }
        UNDERSTUDY_CHECK(close_segment(line.offset));
        block_ = begin;
        block_line_ = line.number;
        begin_segment(line.next, line.number + 1);
        return {};
    }

    void begin_segment(std::size_t offset, std::size_t line) {
        segment_ = offset;
        segment_line_ = line;
    }

    Result<void> close_part(std::size_t end) {
        if (part_ == Part::none) return {};
        UNDERSTUDY_CHECK(close_segment(end));
        Script& script = part_ == Part::up ? up_ : down_;
        if (script.line != part_line_) return {};  // a second part of the same direction
        script.text = file_.text.substr(part_begin_, end - part_begin_);
        return {};
    }

    /// A block is one statement whatever it holds; elsewhere statements end at semicolons.
    Result<void> close_segment(std::size_t end) {
        const BytesView text = BytesView(file_.text).substr(segment_, end - segment_);
        UNDERSTUDY_TRY(Script script, block_ ? make_whole_script(file_.path, text, segment_line_)
                                             : make_script(file_.path, text, segment_line_));
        if (!block_ && layout_ != Layout::dbmate) warn_of_cuts(script);
        Script& whole = part_ == Part::up ? up_ : down_;
        const bool first = whole.path.empty();
        append(whole, std::move(script));
        if (first) whole.line = part_line_;
        return {};
    }

    /// goose and sql-migrate end a statement at each line that ends with a semicolon, in a function's body, too.
    void warn_of_cuts(const Script& script) {
        for (const ScriptStatement& statement : script.statements) {
            bool cut = false;
            for_each_line(statement.text, [&](const Line& line) {
                const bool last = line.next >= statement.text.size();
                const std::string_view code = trimmed(line.text.substr(0, line.text.find("--")));
                cut = cut || (!last && code.ends_with(';'));
            });
            if (!cut) continue;
            set_.warnings.push_back(
                fmt::format("{}:{}: {} would cut this statement at a line that ends with a semicolon: put it "
                            "between StatementBegin and StatementEnd",
                            file_.path, statement.line, to_string(layout_)));
        }
    }

    const SourceFile& file_;
    Layout layout_;
    MigrationSet& set_;
    Migration migration_;
    Script up_;
    Script down_;
    Part part_ = Part::none;
    std::size_t part_begin_ = 0;
    std::size_t part_line_ = 1;
    std::size_t segment_ = 0;
    std::size_t segment_line_ = 1;
    std::size_t block_line_ = 0;
    bool block_ = false;
    bool in_comment_ = false;
    bool seen_up_ = false;
    bool seen_down_ = false;
    bool up_alone_ = false;
    bool down_alone_ = false;
};

bool by_number(const Migration& a, const Migration& b) {
    const int order = compare_numbers(a.version, b.version);
    return order != 0 ? order < 0 : a.up.path < b.up.path;
}

/// sql-migrate: by the number that the name begins with, names without one by themselves; then by name.
bool by_file_name(const Migration& a, const Migration& b) {
    const auto number = [](const std::string& text) {
        return text.substr(0, std::min(text.size(), text.find_first_not_of("0123456789")));
    };
    const std::string left = number(a.version);
    const std::string right = number(b.version);
    if (!left.empty() && !right.empty()) {
        if (const int order = compare_numbers(left, right); order != 0) return order < 0;
    }
    return a.version < b.version;
}

}  // namespace

bool is_up_marker(BytesView line, Layout layout) {
    const auto words = marker_words(line, layout);
    return words && !words->empty() && words->front() == "up";
}

Result<MigrationSet> read_marked(const Files& files, Layout layout) {
    MigrationSet set;
    for (const SourceFile& file : files) {
        const std::string_view name = base_name(file.path);
        const bool go = layout == Layout::goose && name.ends_with(".go") && numbered(name.substr(0, name.size() - 3));
        if (go && !name.ends_with("_test.go")) {
            return make_error(Errc::unsupported,
                              fmt::format("{} is a migration written in Go, which cannot be read: run goose "
                                          "itself with --migrate-command and --rollback-command",
                                          file.path));
        }
        if (!name.ends_with(".sql")) {
            set.ignored.push_back({file.path, "not an SQL file"});
            continue;
        }
        const auto number = numbered(name.substr(0, name.size() - 4));
        if (!number && layout != Layout::sql_migrate) {
            set.ignored.push_back({file.path, "its name does not begin with a version and an underscore"});
            continue;
        }
        UNDERSTUDY_TRY(Migration migration, MarkedFile(file, layout, set).run());
        migration.version = layout == Layout::sql_migrate ? std::string(name) : number->number;
        if (layout != Layout::sql_migrate) migration.name = number->name;
        set.migrations.push_back(std::move(migration));
    }
    std::sort(set.migrations.begin(), set.migrations.end(), layout == Layout::sql_migrate ? by_file_name : by_number);
    for (std::size_t i = 1; i < set.migrations.size(); ++i) {
        if (compare_numbers(set.migrations[i - 1].version, set.migrations[i].version) != 0) continue;
        return make_error(Errc::usage, fmt::format("{} and {} have the same version", set.migrations[i - 1].up.path,
                                                   set.migrations[i].up.path));
    }
    return set;
}

}  // namespace understudy::schema::layouts

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/sql/lexer.hpp"
#include "schema/migration/layout_parts.hpp"

// sqitch: the order stands in sqitch.plan; deploy/, revert/ and verify/ hold the scripts, which psql runs.
namespace understudy::schema::layouts {
namespace {

struct Change {
    std::string name;
    std::vector<std::string> needs;
    std::vector<std::string> conflicts;
    std::size_t line = 0;
    std::string reworked_at;  ///< the tag after which the name comes again: its scripts are named name@tag
};

struct Plan {
    std::string path;
    std::vector<Change> changes;
};

/// The dependencies between '[' and ']' (sqitchchanges, "Dependencies").
void read_dependencies(std::string_view list, Change& change) {
    while (!(list = trimmed(list)).empty()) {
        const std::size_t end = std::min(list.size(), list.find_first_of(" \t"));
        const std::string_view one = list.substr(0, end);
        (one.starts_with('!') ? change.conflicts : change.needs)
            .emplace_back(one.starts_with('!') ? one.substr(1) : one);
        list.remove_prefix(end);
    }
}

class PlanReader {
public:
    explicit PlanReader(const SourceFile& file) : file_(file) { plan_.path = file.path; }

    Result<Plan> run() {
        std::optional<Error> error;
        for_each_line(file_.text, [&](const Line& line) {
            if (error) return;
            if (auto taken = take(line); !taken) error = taken.error();
        });
        if (error) return *error;
        return std::move(plan_);
    }

private:
    Result<void> take(const Line& line) {
        std::string_view text = trimmed(line.text);
        if (text.empty() || text[0] == '#' || text[0] == '%') return {};
        if (text[0] == '@') {
            tag_ = std::string(text.substr(1, text.find_first_of(" \t") - 1));
            return {};
        }
        if (text[0] == '-') return malformed(file_.path, line.number, "a revert in the plan, which is not supported");
        if (text[0] == '+') text = trimmed(text.substr(1));
        Change change;
        change.line = line.number;
        change.name = std::string(text.substr(0, text.find_first_of(" \t[")));
        if (change.name.empty() || change.name.find("..") != std::string::npos) {
            return malformed(file_.path, line.number, "no change's name");
        }
        const std::string_view rest = trimmed(text.substr(change.name.size()));
        if (rest.starts_with('[')) {
            const std::size_t end = rest.find(']');
            if (end == std::string_view::npos) return malformed(file_.path, line.number, "'[' without ']'");
            read_dependencies(rest.substr(1, end - 1), change);
        }
        return add(std::move(change));
    }

    Result<void> add(Change change) {
        const auto known = last_.find(change.name);
        if (known != last_.end()) {
            if (tag_.empty()) {
                return malformed(file_.path, change.line,
                                 fmt::format("{} comes twice without a tag between", change.name));
            }
            plan_.changes[known->second].reworked_at = tag_;
        }
        for (const std::string& need : change.needs) {
            const std::string name = need.substr(0, need.find('@'));
            const bool elsewhere = need.find(':') != std::string::npos || name.empty();
            if (elsewhere || last_.find(name) != last_.end()) continue;
            return malformed(file_.path, change.line,
                             fmt::format("{} needs {}, which does not come before it", change.name, need));
        }
        for (const std::string& conflict : change.conflicts) {
            if (last_.find(conflict) == last_.end()) continue;
            return malformed(file_.path, change.line,
                             fmt::format("{} conflicts with {}, which comes before it", change.name, conflict));
        }
        last_[change.name] = plan_.changes.size();
        plan_.changes.push_back(std::move(change));
        return {};
    }

    const SourceFile& file_;
    Plan plan_;
    std::string tag_;
    std::map<std::string, std::size_t> last_;
};

/// The scripts of a plan's changes, by path.
class ScriptFinder {
public:
    ScriptFinder(const Files& files, const std::string& plan_path) {
        const std::string_view folder = folder_of(plan_path);
        root_ = folder.empty() ? std::string() : std::string(folder) + "/";
        for (const SourceFile& file : files) {
            by_path_[file.path] = &file;
            if (base_name(file.path) == "sqitch.conf") read_conf(file.text);
        }
    }

    Result<std::optional<Script>> find(const char* direction, const Change& change) {
        const std::string path = root_ + top_ + direction + "/" + change.name +
                                 (change.reworked_at.empty() ? std::string() : "@" + change.reworked_at) + ".sql";
        const auto found = by_path_.find(path);
        if (found == by_path_.end()) return std::optional<Script>();
        used_.insert(path);
        UNDERSTUDY_TRY(Script script, make_script(path, found->second->text));
        return std::optional<Script>(std::move(script));
    }

    [[nodiscard]] bool used(const std::string& path) const { return used_.find(path) != used_.end(); }

private:
    /// [core] top_dir: where deploy/, revert/ and verify/ are.
    void read_conf(BytesView text) {
        for_each_line(text, [&](const Line& line) {
            const std::size_t equals = line.text.find('=');
            if (equals == BytesView::npos || trimmed(line.text.substr(0, equals)) != "top_dir") return;
            top_ = std::string(trimmed(line.text.substr(equals + 1)));
            if (top_ == "." || top_ == "./") top_.clear();
            if (!top_.empty() && top_.back() != '/') top_ += '/';
        });
    }

    std::map<std::string, const SourceFile*> by_path_;
    std::set<std::string> used_;
    std::string root_;
    std::string top_;
};

}  // namespace

Result<MigrationSet> read_sqitch(const Files& files) {
    const auto plan_file = std::find_if(files.begin(), files.end(),
                                        [](const SourceFile& file) { return base_name(file.path) == "sqitch.plan"; });
    if (plan_file == files.end()) return make_error(Errc::usage, "no sqitch.plan there");
    UNDERSTUDY_TRY(const Plan plan, PlanReader(*plan_file).run());
    ScriptFinder finder(files, plan.path);
    MigrationSet set;
    for (const Change& change : plan.changes) {
        Migration migration;
        migration.version = change.name + (change.reworked_at.empty() ? "" : "@" + change.reworked_at);
        UNDERSTUDY_TRY(auto up, finder.find("deploy", change));
        if (!up)
            return malformed(plan.path, change.line,
                             fmt::format("no deploy/{}.sql for this change", migration.version));
        migration.up = std::move(*up);
        UNDERSTUDY_TRY(migration.down, finder.find("revert", change));
        UNDERSTUDY_TRY(migration.verify, finder.find("verify", change));
        if (migration.verify && migration.verify->empty()) migration.verify.reset();
        migration.up_mode = migration.down_mode = RunMode::statements;  // sqitch gives the file to psql
        judge_down(migration);
        set.migrations.push_back(std::move(migration));
    }
    for (const SourceFile& file : files) {
        const std::string_view name = base_name(file.path);
        if (finder.used(file.path) || name == "sqitch.plan" || name == "sqitch.conf") continue;
        set.ignored.push_back({file.path, "no change of the plan uses it"});
    }
    return set;
}

}  // namespace understudy::schema::layouts

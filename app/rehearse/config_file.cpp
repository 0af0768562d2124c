#include "app/rehearse/config_file.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <filesystem>
#include <vector>

#include "app/compare/rules_file.hpp"

namespace understudy::app {
namespace {

constexpr const char* kSection = "rehearse";

/// A file in the repository is read by many: passwords do not belong into it.
bool holds_a_secret(const std::string& value) {
    return value.find("password=") != std::string::npos || value.find("password =") != std::string::npos ||
           (value.find("://") != std::string::npos && value.find('@') != std::string::npos &&
            value.find(':', value.find("://") + 3) < value.find('@'));
}

std::vector<std::string> values_of(const YAML::Node& node) {
    std::vector<std::string> values;
    if (node.IsScalar()) values.push_back(node.Scalar());
    if (node.IsSequence()) {
        for (const YAML::Node& one : node) values.push_back(one.IsScalar() ? one.Scalar() : std::string());
    }
    return values;
}

Error at_line(const std::string& path, const YAML::Node& node, Errc code, const std::string& what) {
    return Error{code, fmt::format("{}:{}: {}", path, node.Mark().line + 1, what)};
}

Result<void> apply(CLI::App& command, const std::string& path, const YAML::Node& key_node, const YAML::Node& node) {
    const std::string key = key_node.IsScalar() ? key_node.Scalar() : std::string();
    CLI::Option* option = command.get_option_no_throw(key == "capture" ? key : "--" + key);
    if (key.empty() || option == nullptr || key == "config" || key == "help") {
        return at_line(path, key_node, Errc::usage,
                       fmt::format("'{}' is no option of understudy rehearse (see understudy rehearse --help)", key));
    }
    if (option->count() > 0) return {};
    const auto values = values_of(node);
    if (values.empty() && !node.IsNull())
        return at_line(path, node, Errc::malformed, key + ": a value or a list of values is wanted");
    for (const std::string& value : values) {
        if (holds_a_secret(value)) {
            return at_line(path, node, Errc::usage,
                           key + " holds a password: leave it out, and use PGPASSFILE, ~/.pgpass or --credentials");
        }
        // A flag that says false is as if it were not there.
        const bool is_flag = option->get_items_expected_max() == 0;
        if (is_flag && value == "false") continue;
        option->add_result(is_flag ? "true" : value);
    }
    if (option->count() > 0) option->run_callback();
    return {};
}

}  // namespace

Result<void> apply_config(CLI::App& command, const std::string& path, bool must_exist) {
    std::error_code ignored;
    if (!must_exist && !std::filesystem::exists(path, ignored)) return {};
    UNDERSTUDY_TRY(const std::string text, read_text_file(path));
    try {
        const YAML::Node root = YAML::Load(text);
        if (!root.IsMap() || !root[kSection]) return {};
        const YAML::Node section = root[kSection];
        if (!section.IsMap()) return at_line(path, section, Errc::malformed, "rehearse: keys with values are wanted");
        for (const auto& entry : section) UNDERSTUDY_CHECK(apply(command, path, entry.first, entry.second));
    } catch (const YAML::Exception& error) {
        return make_error(Errc::malformed, fmt::format("{}:{}: {}", path, error.mark.line + 1, error.msg));
    } catch (const CLI::Error& error) {
        return make_error(Errc::usage, fmt::format("{}: {}", path, error.what()));
    }
    return {};
}

Result<std::string> config_value(const std::string& path, const std::string& key) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::string();
    UNDERSTUDY_TRY(const std::string text, read_text_file(path));
    try {
        const YAML::Node root = YAML::Load(text);
        const YAML::Node value = root.IsMap() && root[kSection] && root[kSection].IsMap() ? root[kSection][key] : YAML::Node();
        if (!value || value.IsNull()) return std::string();
        if (!value.IsScalar()) return at_line(path, value, Errc::malformed, key + ": one value is wanted");
        if (holds_a_secret(value.Scalar())) {
            return at_line(path, value, Errc::usage, key + " holds a password: leave it out, and use PGPASSFILE or ~/.pgpass");
        }
        return value.Scalar();
    } catch (const YAML::Exception& error) {
        return make_error(Errc::malformed, fmt::format("{}:{}: {}", path, error.mark.line + 1, error.msg));
    }
}

std::string config_template() {
    return R"(# What `understudy rehearse` does in this repository. Every key is an option of it (understudy rehearse --help);
# what the command line says goes before. No passwords here: they come from ~/.pgpass, PGPASSFILE or --credentials.
rehearse:
  # The recorded traffic: a .pgcap file, or a directory of them.
  capture: captures/production.pgcap
  # The staging database to make copies of; it must be marked: understudy target --mark 'host=staging dbname=shop'
  target: host=staging dbname=shop
  # The change: a file, or the directory of your migration tool, of which the pending ones are run.
  migration: migrations
  # The way back, where the migration is a plain file.
  # rollback: migrations/down.sql
  # Your own tool instead:
  # migrate-command: bin/rails db:migrate

  # How each run gets the capture's start state: template (copies), command (reset-command restores the target), none.
  reset: template
  # reset-command: ./restore-staging.sh

  # How long a user's query may wait behind the migration.
  max-stall: 1s
  # So much of the capture plays at its own pace while the migration runs.
  traffic-time: 60s

  # Where runs are kept, so that tonight is told from last night: a directory, or postgresql://… (docs/history.md).
  # history: understudy-history

# Differences that are meant (understudy compare --accept writes them): docs/rules.md.
compare:
  min_coverage: 98
  fail_on: cosmetic
)";
}

}  // namespace understudy::app

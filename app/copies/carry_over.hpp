#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/copies/database_facts.hpp"

namespace understudy::app {

/// A statement that brings over one property, and what to call it where the role may not.
struct CarryStatement {
    std::string sql;
    std::string what;  ///< "setting work_mem", "privileges"
};

/// An identifier, quoted.
std::string quote_name(BytesView name);

/// CREATE DATABASE for a copy: of the template itself, or of an empty database with the same encoding, locale and
/// tablespace. Nobody may connect yet, and the connection limit says that it is unfinished (app/copies/copy_tag.hpp).
std::string create_statement(const DatabaseFacts& source, const std::string& name, bool of_template,
                             int server_version_num);

/// Settings of the database and of roles in it, one statement each.
std::vector<CarryStatement> setting_statements(const DatabaseFacts& source, const std::string& name);

/// What makes the privileges on the new database those of the source: first what a new database grants by default is
/// revoked, then each grant is said by its grantor, after the one that allows it to. Empty where the source has the
/// default.
std::vector<CarryStatement> grant_statements(const DatabaseFacts& source, const std::string& name);

/// The value of a setting as it is written in SET … TO. Those that are lists of names (search_path …) are written as
/// lists, as one quoted text would be one name.
std::string setting_value(BytesView name, BytesView value);

}  // namespace understudy::app

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/redact/redaction.hpp"
#include "core/catalog/catalog.hpp"

namespace understudy::app {

/// What --redact asks for: "users.email", or "@FILE" with a rule in each line. Nothing where no rule is given. Errors:
/// Errc::usage, Errc::io.
Result<std::optional<capture::RedactionRules>> redaction_rules(const std::vector<std::string>& given);

/// Makes the redactions of one run. `catalog` is what --identify read, or nullptr.
capture::RedactionMaker redaction_maker(const std::optional<capture::RedactionRules>& rules, const DigestKey& key,
                                        std::shared_ptr<const catalog::Catalog> catalog);

}  // namespace understudy::app

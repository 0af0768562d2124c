#include "app/capture/redaction_options.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace understudy::app {
namespace {

/// Keeps the catalogue that it looks into.
class OwningRedaction final : public capture::Redaction {
public:
    OwningRedaction(const capture::RedactionRules& rules, const DigestKey& key,
                    std::shared_ptr<const catalog::Catalog> catalog, std::map<std::string, std::uint64_t>& counters)
        : Redaction(rules, key, catalog.get(), counters), kept_(std::move(catalog)) {}

private:
    std::shared_ptr<const catalog::Catalog> kept_;
};

}  // namespace

Result<std::optional<capture::RedactionRules>> redaction_rules(const std::vector<std::string>& given) {
    if (given.empty()) return std::optional<capture::RedactionRules>();
    capture::RedactionRules rules;
    for (const std::string& rule : given) {
        if (!rule.starts_with('@')) {
            UNDERSTUDY_CHECK(rules.add(rule));
            continue;
        }
        const std::string path = rule.substr(1);
        std::ifstream file(path, std::ios::binary);
        const std::string content((std::istreambuf_iterator<char>(file)), {});
        if (!file.good() && !file.eof()) {
            return make_error(Errc::io, fmt::format("cannot read the rules {}: {}", path, std::strerror(errno)));
        }
        auto added = rules.add_lines(content);
        if (!added) return make_error(added.error().code, fmt::format("{}: {}", path, added.error().message));
    }
    // An empty list would look like redaction and be none.
    if (rules.empty()) return make_error(Errc::usage, "--redact: there is no rule in what was given");
    return std::optional(std::move(rules));
}

capture::RedactionMaker redaction_maker(const std::optional<capture::RedactionRules>& rules, const DigestKey& key,
                                        std::shared_ptr<const catalog::Catalog> catalog) {
    if (!rules) return {};
    return [rules = *rules, key, catalog = std::move(catalog)](std::map<std::string, std::uint64_t>& counters) {
        return std::unique_ptr<capture::Redaction>(std::make_unique<OwningRedaction>(rules, key, catalog, counters));
    };
}

}  // namespace understudy::app

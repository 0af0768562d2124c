#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/exchange/result_digest.hpp"
#include "replay/remap/session_remapper.hpp"

namespace understudy::app {

/// How generated values are remapped.
struct RemapOptions {
    bool off = false;
    std::vector<std::string> identities;
};

void add_remap_options(CLI::App& command, RemapOptions& options);

/// What the sessions of a replay share, for a target with this catalogue; nullptr when it is turned off. `digester`
/// must outlive it. Errors: Errc::usage.
Result<std::unique_ptr<replay::RemapContext>> make_remap(const RemapOptions& options, const catalog::Catalog& catalog,
                                                         const Digester& digester);

}  // namespace understudy::app

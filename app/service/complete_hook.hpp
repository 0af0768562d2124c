#pragma once

#include <optional>
#include <string>

#include "app/service/hooks.hpp"

namespace understudy::app::service {

/// Fills in what goes without saying, the address of github.com and gitlab.com. Gives what is wrong with the hook, if
/// anything is: what is missing for its kind, or a secret that would stand in the file itself.
std::optional<std::string> complete_hook(Hook& hook);

}  // namespace understudy::app::service

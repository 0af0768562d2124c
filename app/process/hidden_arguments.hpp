#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::app {

/// Where in an argument of ours a secret stands, as (offset, length): the values of password= and sslpassword= in
/// connection strings and URLs, and the password in postgresql://user:PASSWORD@host. Pure.
std::vector<std::pair<std::size_t, std::size_t>> secrets_in(std::string_view argument);

/// Overwrites them in this process's own arguments, so that they are no longer seen in the list of processes. The
/// caller has copies.
void hide_secrets(int argc, char** argv);

}  // namespace understudy::app

#pragma once

#include <string>

#include "replay/login_failures.hpp"

namespace understudy::app {

/// Begins each line of login_failure_text(): a rehearsal finds them by it among what a replay says.
inline constexpr const char* kLoginFailed = "login failed: ";

/// What to do about it, in one sentence. Pure.
std::string login_advice(const replay::LoginFailure& failure);

/// One line for each reason: how many sessions, who, where, the server's own message, what to do. Empty: all logged in.
std::string login_failure_text(const replay::LoginFailures& failures);

}  // namespace understudy::app

#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace understudy::capture {

/// Overwrites passwords in the body of a Query or Parse with as many '*': the literal after PASSWORD (CREATE/ALTER ROLE
/// and USER), of OPTIONS (… password '…') and of SET …password = '…'; the password of pgcrypto's pgp_… functions; and,
/// inside literals and comments, what follows `password=` and what stands between ':' and '@' of a postgres:// URL
/// (dblink, CREATE SUBSCRIPTION, primary_conninfo). Lengths stay, so that the frame around stays valid. Returns nothing
/// when there is nothing to hide, which is decided without looking at more than the letters.
///
/// A password in an ordinary column is data and stays: a request is user data anyway.
std::optional<Bytes> without_passwords(BytesView body);

/// The same for the body of a Bind: of values that are connection strings.
std::optional<Bytes> bound_without_passwords(BytesView body);

/// The same for a setting (a start-up parameter, a ParameterStatus), which is text and not SQL.
Bytes setting_without_passwords(BytesView value);

}  // namespace understudy::capture

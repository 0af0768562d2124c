#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// What a statement says about the session's authorization (PostgreSQL docs, "SET SESSION AUTHORIZATION", "DISCARD").
struct AuthorizationChange {
    /// To whom; empty when it cannot be told. Nothing: back to the role that logged in (DISCARD ALL among others).
    std::optional<Bytes> role;
    friend bool operator==(const AuthorizationChange&, const AuthorizationChange&) = default;
};

/// Whether a text, of one or more statements, has a word without which none of them changes it. Cheap.
bool may_change_authorization(BytesView sql);

/// Nothing when the statement's text does not change it. What functions and DO blocks do is not in the text. By tokens,
/// so that newer syntax does not matter; never fails.
std::optional<AuthorizationChange> authorization_change(BytesView one_statement);

}  // namespace understudy::sql

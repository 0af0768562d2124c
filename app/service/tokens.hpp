#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/service/role.hpp"
#include "core/base/error.hpp"

namespace understudy::app::service {

inline constexpr std::size_t kMaxTokens = 1000;
inline constexpr std::size_t kMaxTokenBytes = 128;  ///< of what a visitor sends

/// Who may come in. The token itself is not kept: a token is 256 bits of chance, so a fast hash of it cannot be turned
/// round by trying (which is why this is no password hash).
struct Token {
    std::string name;
    Role role = Role::view;
    std::string hash;     ///< BLAKE2b-256, in hexadecimal
    std::string created;  ///< a day, for people

    friend bool operator==(const Token&, const Token&) = default;
};

/// Letters, digits and . _ - , 64 at most, beginning with a letter or a digit: for tokens and for rehearsals.
bool is_plain_name(std::string_view name);

/// A line for each: NAME ROLE HASH DAY; # begins a comment. Errors: Errc::malformed with the line, Errc::limit.
Result<std::vector<Token>> parse_tokens(std::string_view text);
std::string tokens_text(const std::vector<Token>& tokens);

/// A new token, of the system's source of chance: "ust_" and 64 hexadecimal digits.
std::string make_token();
/// Six hexadecimal digits of chance: runs of one second differ by them.
std::string chance_digits();
std::string hash_of_token(std::string_view token);

/// HMAC-SHA256 (RFC 2104) in hexadecimal.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Whose token this is; nothing for nobody's. Takes as long for any token of the same length: each entry is compared,
/// in constant time.
const Token* owner_of_token(const std::vector<Token>& tokens, std::string_view token);

/// What "Authorization: Bearer …" holds (RFC 6750 section 2.1); empty for any other text.
std::string_view bearer_of(std::string_view authorization);

}  // namespace understudy::app::service

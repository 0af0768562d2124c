#include "app/service/tokens.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace understudy::app::service {
namespace {

constexpr std::string_view kPrefix = "ust_";
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kMaxName = 64;

void need_sodium() {
    static const bool ready = sodium_init() >= 0;
    UNDERSTUDY_ASSERT(ready);
}

std::string hexadecimal(const std::array<unsigned char, kHashBytes>& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        if (end > 0) words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

bool is_hash(std::string_view text) {
    return text.size() == 2 * kHashBytes && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

bool is_plain_name(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (name.empty() || name.size() > kMaxName || !is_alphanumeric(name.front())) return false;
    return std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

Result<std::vector<Token>> parse_tokens(std::string_view text) {
    std::vector<Token> tokens;
    for (int line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto words = words_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (words.empty() || words[0].starts_with('#')) continue;
        const auto role = words.size() >= 3 ? parse_role(words[1]) : std::nullopt;
        if (words.size() > 4 || !role || !is_plain_name(words[0]) || !is_hash(words[2])) {
            return make_error(Errc::malformed,
                              fmt::format("line {}: NAME ROLE HASH DAY is wanted; use understudy serve token", line));
        }
        const auto same = [&](const Token& token) { return token.name == words[0]; };
        if (std::any_of(tokens.begin(), tokens.end(), same)) {
            return make_error(Errc::malformed, fmt::format("line {}: the name {} stands there twice", line, words[0]));
        }
        if (tokens.size() == kMaxTokens) return make_error(Errc::limit, fmt::format("more than {} tokens", kMaxTokens));
        tokens.push_back(
            {std::string(words[0]), *role, std::string(words[2]), std::string(words.size() > 3 ? words[3] : "")});
    }
    return tokens;
}

std::string tokens_text(const std::vector<Token>& tokens) {
    std::string text = "# Tokens of understudy serve, hashed. Written by understudy serve token add|remove.\n";
    for (const Token& token : tokens) {
        text += fmt::format("{} {} {}{}{}\n", token.name, to_string(token.role), token.hash,
                            token.created.empty() ? "" : " ", token.created);
    }
    return text;
}

std::string make_token() {
    need_sodium();
    std::array<unsigned char, kHashBytes> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::string token = std::string(kPrefix) + hexadecimal(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    return token;
}

std::string chance_digits() {
    need_sodium();
    return fmt::format("{:06x}", randombytes_uniform(1U << 24U));
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
    need_sodium();
    const std::vector<unsigned char> key_bytes(key.begin(), key.end());
    const std::vector<unsigned char> bytes(text.begin(), text.end());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key_bytes.data(), key_bytes.size());
    crypto_auth_hmacsha256_update(&state, bytes.data(), bytes.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    return hexadecimal(mac);
}

std::string hash_of_token(std::string_view token) {
    need_sodium();
    std::array<unsigned char, kHashBytes> hash{};
    const std::vector<unsigned char> bytes(token.begin(), token.end());
    const int done = crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
    UNDERSTUDY_ASSERT(done == 0);
    return hexadecimal(hash);
}

const Token* owner_of_token(const std::vector<Token>& tokens, std::string_view token) {
    if (token.empty() || token.size() > kMaxTokenBytes) return nullptr;
    const std::string hash = hash_of_token(token);
    const Token* owner = nullptr;
    for (const Token& entry : tokens) {
        if (entry.hash.size() == hash.size() && sodium_memcmp(entry.hash.data(), hash.data(), hash.size()) == 0)
            owner = &entry;
    }
    return owner;
}

std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() < kScheme.size()) return {};
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        const char c = authorization[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
    }
    return authorization.substr(kScheme.size());
}

}  // namespace understudy::app::service

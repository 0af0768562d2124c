#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

/// Appends the bytes as a JSON string. What is no UTF-8, or holds a zero byte, becomes a zero character and hexadecimal
/// digits: nothing that a server says begins so.
void put_json_text(std::string& out, BytesView bytes);

/// The bytes of a string that put_json_text() wrote, unescaped by the JSON parser. Nothing for a zero character that is
/// followed by anything else.
std::optional<Bytes> from_json_text(std::string text);

}  // namespace understudy::catalog

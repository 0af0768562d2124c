#pragma once

#include <string>
#include <string_view>

namespace understudy {

/// Bytes of any encoding. SQL, names and values are bytes: nothing here assumes UTF-8 or a final zero.
using Bytes = std::string;
/// Borrowed bytes; whoever hands them out says until when they are valid.
using BytesView = std::string_view;

}  // namespace understudy

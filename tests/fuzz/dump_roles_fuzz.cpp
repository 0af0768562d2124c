#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "app/check/dump_roles.hpp"

/// Whatever a file holds: roles have names, and a text by itself names no more than one with a GRANT behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const understudy::BytesView text(reinterpret_cast<const char*>(data), size);
    const auto roles = understudy::app::roles_of_dump(text);
    if (roles.count("") > 0 || roles != understudy::app::roles_of_dump(text)) std::abort();
    return 0;
}

#pragma once

#include "core/base/byte_reader.hpp"
#include "core/pgwire/backend_messages.hpp"

namespace understudy::pgwire {

template <class OnCell>
bool for_each_cell(BytesView body, OnCell&& on_cell) {
    ByteReader reader(body);
    const std::uint16_t count = reader.u16();
    for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t length = reader.i32();
        if (!reader.ok() || length < -1) return false;
        if (length == -1) {
            on_cell(i, std::optional<BytesView>());
            continue;
        }
        const BytesView value = reader.bytes(static_cast<std::size_t>(length));
        if (!reader.ok()) return false;
        on_cell(i, std::optional<BytesView>(value));
    }
    return reader.ok() && reader.at_end();
}

}  // namespace understudy::pgwire

#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace understudy {

/// Appends big-endian values to a string that the caller owns.
class ByteWriter {
public:
    explicit ByteWriter(Bytes& out) : out_(out) {}

    void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
    void u16(std::uint16_t v) { big_endian(v, 2); }
    void u32(std::uint32_t v) { big_endian(v, 4); }
    void u64(std::uint64_t v) { big_endian(v, 8); }
    void i16(std::int16_t v) { u16(static_cast<std::uint16_t>(v)); }
    void i32(std::int32_t v) { u32(static_cast<std::uint32_t>(v)); }
    void bytes(BytesView v) { out_.append(v); }
    void c_string(BytesView v) {
        out_.append(v);
        out_.push_back('\0');
    }
    [[nodiscard]] std::size_t position() const { return out_.size(); }
    /// Overwrites four bytes written before, for lengths known only afterwards.
    void patch_u32(std::size_t at, std::uint32_t v) {
        for (std::size_t i = 0; i < 4; ++i) {
            out_[at + i] = static_cast<char>(static_cast<std::uint8_t>(v >> (24U - 8U * i)));
        }
    }

private:
    void big_endian(std::uint64_t v, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) {
            out_.push_back(static_cast<char>(static_cast<std::uint8_t>(v >> (8U * (width - 1 - i)))));
        }
    }
    Bytes& out_;
};

}  // namespace understudy

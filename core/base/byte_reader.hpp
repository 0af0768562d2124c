#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace understudy {

/// A bounded cursor over borrowed bytes, big-endian as PostgreSQL's protocol has it. The first read past
/// the end fails, returns zero or nothing, and every later read fails too: check ok() once at the end.
class ByteReader {
public:
    explicit ByteReader(BytesView bytes) : bytes_(bytes) {}

    [[nodiscard]] bool ok() const { return !failed_; }
    [[nodiscard]] bool at_end() const { return position_ == bytes_.size(); }
    [[nodiscard]] std::size_t position() const { return position_; }
    [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }

    std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
    std::uint64_t u64() { return big_endian(8); }
    std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
    std::int32_t i32() { return static_cast<std::int32_t>(u32()); }

    /// The next `count` bytes.
    BytesView bytes(std::size_t count) {
        if (failed_ || count > remaining()) return fail();
        const BytesView view = bytes_.substr(position_, count);
        position_ += count;
        return view;
    }
    /// A zero-terminated string, without its zero.
    BytesView c_string() {
        if (failed_) return {};
        const std::size_t zero = bytes_.find('\0', position_);
        if (zero == BytesView::npos) return fail();
        const BytesView view = bytes_.substr(position_, zero - position_);
        position_ = zero + 1;
        return view;
    }
    BytesView rest() { return bytes(failed_ ? 0 : remaining()); }

private:
    BytesView fail() {
        failed_ = true;
        return {};
    }
    std::uint64_t big_endian(std::size_t width) {
        if (failed_ || width > remaining()) {
            failed_ = true;
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            value = (value << 8U) | static_cast<std::uint8_t>(bytes_[position_ + i]);
        }
        position_ += width;
        return value;
    }

    BytesView bytes_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

}  // namespace understudy

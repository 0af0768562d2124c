#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"

namespace understudy::store {

enum class GlancedKind : std::uint8_t { other, request, response, row_part };

/// Where a record of proto/capture.proto belongs, read without the rest of it: what passes over the records of other
/// sessions needs no more. Of `other` nothing is known. Accessors are named as those of the generated messages.
class RecordGlance {
public:
    [[nodiscard]] GlancedKind kind() const { return kind_; }
    [[nodiscard]] std::uint64_t session() const { return session_; }
    [[nodiscard]] std::uint32_t place() const { return place_; }
    [[nodiscard]] std::int32_t ordinal_step() const { return ordinal_step_; }
    /// It is a short record ("Short records" in docs/capture-file.md).
    [[nodiscard]] bool has_since_ns() const { return has_since_ns_; }
    [[nodiscard]] std::int64_t since_ns() const { return since_ns_; }

    /// Nothing where the bytes are no record. What it steps over is not looked at.
    static std::optional<RecordGlance> of(BytesView body);

private:
    bool read_fields(BytesView message);

    GlancedKind kind_ = GlancedKind::other;
    std::uint64_t session_ = 0;
    std::uint32_t place_ = 0;
    std::int32_t ordinal_step_ = 0;
    bool has_since_ns_ = false;
    std::int64_t since_ns_ = 0;
};

}  // namespace understudy::store

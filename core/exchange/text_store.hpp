#pragma once

#include <memory>
#include <unordered_map>

#include "core/base/bytes.hpp"

namespace understudy {

/// The text of a statement; null where it is not known.
using SqlText = std::shared_ptr<const Bytes>;

/// Holds each text once, however many sessions prepared it, as long as somebody refers to it. At kMaxBytes of
/// texts in use, further ones are not kept: they count as unknown. One thread; must outlive the texts.
class TextStore {
public:
    static constexpr std::size_t kMaxBytes = std::size_t{256} << 20U;

    explicit TextStore(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}
    TextStore(const TextStore&) = delete;
    TextStore& operator=(const TextStore&) = delete;

    SqlText keep(BytesView sql);
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }

private:
    std::unordered_map<BytesView, std::weak_ptr<const Bytes>> texts_;  // the keys borrow from the texts
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace understudy

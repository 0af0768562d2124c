#include "capture/proxy/record_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace understudy::capture {
namespace {

constexpr std::size_t kAlign = 8;
// Items begin at multiples of kAlign; where less than an item is left before the ring's end, that is skipped.
static_assert(sizeof(RecordItem) % kAlign == 0 && std::is_trivially_copyable_v<RecordItem>);

}  // namespace

RecordRing::RecordRing(std::size_t capacity)
    : mask_(std::bit_ceil(std::max(capacity, 4 * kReserve)) - 1), bytes_(new char[mask_ + 1]) {}

std::size_t RecordRing::footprint(std::size_t length) {
    return sizeof(RecordItem) + (length + kAlign - 1) / kAlign * kAlign;
}

bool RecordRing::push(RecordItem item, BytesView bytes, std::size_t spare) {
    item.length = static_cast<std::uint32_t>(bytes.size());
    const std::size_t size = footprint(bytes.size());
    const std::uint64_t at = written_.load(std::memory_order_relaxed);
    const std::size_t to_end = capacity() - (at & mask_);
    const std::size_t skipped = to_end < size ? to_end : 0;
    const std::size_t wanted = skipped + size + spare;
    if (capacity() - (at - read_seen_) < wanted) {
        read_seen_ = read_.load(std::memory_order_acquire);
        if (capacity() - (at - read_seen_) < wanted) return false;
    }
    if (skipped >= sizeof(RecordItem)) {
        RecordItem padding;
        padding.length = static_cast<std::uint32_t>(skipped - sizeof(RecordItem));
        std::memcpy(&bytes_[at & mask_], &padding, sizeof padding);
    }
    char* const place = &bytes_[(at + skipped) & mask_];
    std::memcpy(place, &item, sizeof item);
    if (!bytes.empty()) std::memcpy(place + sizeof item, bytes.data(), bytes.size());
    written_.store(at + skipped + size, std::memory_order_release);
    return true;
}

std::optional<RecordItem> RecordRing::front(BytesView& bytes) {
    const std::uint64_t written = written_.load(std::memory_order_acquire);
    std::uint64_t at = read_.load(std::memory_order_relaxed);
    while (at != written) {
        const std::size_t to_end = capacity() - (at & mask_);
        RecordItem item;
        if (to_end >= sizeof item) std::memcpy(&item, &bytes_[at & mask_], sizeof item);
        if (item.kind != RecordItem::Kind::padding) {
            bytes = BytesView(&bytes_[at & mask_] + sizeof item, item.length);
            return item;
        }
        at += to_end;
        read_.store(at, std::memory_order_release);
    }
    return std::nullopt;
}

void RecordRing::pop(const RecordItem& item) {
    read_.store(read_.load(std::memory_order_relaxed) + footprint(item.length), std::memory_order_release);
}

}  // namespace understudy::capture

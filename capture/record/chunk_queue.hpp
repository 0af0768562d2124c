#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// Encoded records on their way to compression and disk, or the word that a new file begins.
struct PlainChunk {
    Bytes records;
    std::uint32_t count = 0;
    Timestamp base;
    Timestamp last;
    bool new_file = false;
};

/// From the thread that reads to the thread that writes. push() never waits; who pushes looks at bytes() first.
class ChunkQueue {
public:
    void push(PlainChunk&& chunk);
    /// Waits. Nothing once the queue is closed and empty.
    std::optional<PlainChunk> pop();
    /// What pop() gave is written: its bytes count no longer, and its memory can be used again.
    void done(PlainChunk&& chunk);
    void close();
    /// An empty buffer, with the memory of one that was written if there is one.
    Bytes buffer();
    /// Waits until no more than `bytes` are on their way.
    void wait_below(std::size_t bytes);

    /// Bytes pushed and not written.
    [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

private:
    static constexpr std::size_t kSpareBuffers = 8;

    std::mutex mutex_;
    std::condition_variable filled_;
    std::condition_variable drained_;
    std::deque<PlainChunk> chunks_;
    std::vector<Bytes> spare_;
    std::atomic<std::size_t> bytes_ = 0;
    bool closed_ = false;
};

}  // namespace understudy::capture

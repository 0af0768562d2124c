#include "capture/record/chunk_queue.hpp"

#include <utility>

namespace understudy::capture {

void ChunkQueue::push(PlainChunk&& chunk) {
    const std::lock_guard lock(mutex_);
    bytes_ += chunk.records.size();
    chunks_.push_back(std::move(chunk));
    filled_.notify_one();
}

std::optional<PlainChunk> ChunkQueue::pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return closed_ || !chunks_.empty(); });
    if (chunks_.empty()) return std::nullopt;
    PlainChunk chunk = std::move(chunks_.front());
    chunks_.pop_front();
    return chunk;
}

void ChunkQueue::done(PlainChunk&& chunk) {
    const std::lock_guard lock(mutex_);
    bytes_ -= chunk.records.size();
    drained_.notify_all();
    if (spare_.size() >= kSpareBuffers) return;
    chunk.records.clear();
    spare_.push_back(std::move(chunk.records));
}

void ChunkQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
}

Bytes ChunkQueue::buffer() {
    const std::lock_guard lock(mutex_);
    if (spare_.empty()) return {};
    Bytes buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
}

void ChunkQueue::wait_below(std::size_t limit) {
    std::unique_lock lock(mutex_);
    drained_.wait(lock, [&] { return bytes_ <= limit; });
}

}  // namespace understudy::capture

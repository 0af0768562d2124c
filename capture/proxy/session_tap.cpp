#include "capture/proxy/session_tap.hpp"

#include <utility>

namespace understudy::capture {

bool RingWriter::push(const RecordItem& item, BytesView bytes, std::size_t spare) {
    return (waiting_.empty() || push_waiting()) && ring_.push(item, bytes, spare);
}

void RingWriter::push_surely(const RecordItem& item) {
    if (!push(item)) waiting_.push_back(item);
}

bool RingWriter::push_waiting() {
    while (!waiting_.empty() && ring_.push(waiting_.front(), {})) waiting_.pop_front();
    return waiting_.empty();
}

SessionTap::SessionTap(RingWriter& writer, const FlowOpened& flow) : writer_(&writer) {
    auto session = std::make_unique<TappedSession>(TappedSession{flow, {}});
    if (writer.push({session.get(), flow.time, 0, 0, RecordItem::Kind::opened, Direction::to_server, false})) {
        session_ = session.release();
    } else {
        ProxyCounts::add(writer.counts().queue_sessions);
    }
}

SessionTap& SessionTap::operator=(SessionTap&& other) noexcept {
    writer_ = std::exchange(other.writer_, nullptr);
    session_ = std::exchange(other.session_, nullptr);
    missed_ = other.missed_;
    return *this;
}

/// A gap that is due goes first, and only where the piece after it fits too.
bool SessionTap::push_data(Direction direction, BytesView bytes, Timestamp time) {
    std::uint64_t& missed = missed_[static_cast<std::size_t>(direction)];
    if (missed > 0) {
        const RecordItem gap{session_, time, missed, 0, RecordItem::Kind::gap, direction, false};
        if (!writer_->push(gap, {}, 2 * (bytes.size() + sizeof gap) + RecordRing::kReserve)) return false;
        missed = 0;
    }
    return writer_->push({session_, time, 0, 0, RecordItem::Kind::data, direction, false}, bytes, RecordRing::kReserve);
}

void SessionTap::on_data(Direction direction, BytesView bytes, Timestamp time) {
    if (writer_ == nullptr) return;
    if (session_ != nullptr && push_data(direction, bytes, time)) return;
    ProxyCounts::add(writer_->counts().queue_bytes, bytes.size());
    if (session_ == nullptr) return;
    std::uint64_t& missed = missed_[static_cast<std::size_t>(direction)];
    if (missed == 0) ProxyCounts::add(writer_->counts().queue_gaps);
    missed += bytes.size();
}

void SessionTap::on_close(bool reset, Timestamp time) {
    if (session_ == nullptr) return;
    for (const std::size_t direction : {0U, 1U}) {
        if (missed_[direction] == 0) continue;
        writer_->push_surely(
            {session_, time, missed_[direction], 0, RecordItem::Kind::gap, static_cast<Direction>(direction), false});
    }
    writer_->push_surely({session_, time, 0, 0, RecordItem::Kind::closed, Direction::to_server, reset});
    session_ = nullptr;
    writer_ = nullptr;
}

}  // namespace understudy::capture

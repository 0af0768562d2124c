#include "capture/stream/reassembler.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace understudy::capture {

void Reassembler::Span::drop_front(std::uint64_t count) {
    const std::uint64_t of_data = std::min<std::uint64_t>(count, data.size());
    data.remove_prefix(of_data);
    missing -= std::min(missing, count - of_data);
    begin += count;
}

void Reassembler::Span::drop_back(std::uint64_t count) {
    const std::uint64_t of_missing = std::min(count, missing);
    missing -= of_missing;
    data.remove_suffix(std::min<std::uint64_t>(data.size(), count - of_missing));
}

void Reassembler::anchor(std::uint32_t first_sequence) {
    next_ = SequenceCursor(first_sequence);
    anchored_ = true;
}

SegmentVerdict Reassembler::on_other_segment(const Segment& segment, Timestamp now, StreamSink& sink) {
    const std::uint32_t sequence = segment.sequence + (segment.syn ? 1U : 0U);  // a SYN takes up one number
    const bool bears = !segment.payload.empty() || segment.missing_payload != 0;
    const bool was_anchored = anchored_;
    if (!anchored_ && (segment.syn || bears || segment.fin)) anchor(sequence);
    if (!bears && !segment.fin) {
        const bool probe = was_anchored && (segment.syn || next_.distance_to(sequence) == -1);
        return probe ? SegmentVerdict::retransmission : SegmentVerdict::empty;
    }
    if (std::abs(next_.distance_to(sequence)) > kMaxWindow) {
        if (++strays_ < kResyncSegments) return SegmentVerdict::beyond_window;
        join_anew(sequence, now, sink);
    }
    strays_ = 0;
    return take(segment, next_.offset_of(sequence), now, sink);
}

SegmentVerdict Reassembler::take(const Segment& segment, std::int64_t begin, Timestamp now, StreamSink& sink) {
    Span span{next_.offset(), segment.payload, segment.missing_payload};
    const auto length = static_cast<std::int64_t>(span.end() - span.begin);
    const auto seen = std::clamp<std::int64_t>(static_cast<std::int64_t>(next_.offset()) - begin, 0, length);
    const bool late = last_gap_.length > 0 && begin < static_cast<std::int64_t>(last_gap_.offset + last_gap_.length) &&
                      begin + seen > static_cast<std::int64_t>(last_gap_.offset);
    span.drop_front(static_cast<std::uint64_t>(seen));
    span.begin = static_cast<std::uint64_t>(std::max<std::int64_t>(begin + seen, 0));
    if (segment.fin && begin + length >= 0) note_fin(static_cast<std::uint64_t>(begin + length));
    const std::uint64_t behind_fin =
        ended_ && span.end() > end_offset_ ? std::min(span.end() - end_offset_, span.end() - span.begin) : 0;
    span.drop_back(behind_fin);

    const bool conflict = conflicts(span);
    Taken taken{false, false, needs_of(segment), {segment.acknowledgement, segment.ack}};
    absorb(span.begin, span.data.size(), span.data, now, sink, taken);
    absorb(span.data_end(), span.missing, {}, now, sink, taken);
    if (taken.buffered) enforce_limits(now, sink);
    ++suspect_segments_;
    judge_holes(now, sink);

    if (conflict) return SegmentVerdict::overlap_conflict;
    if (taken.delivered) return SegmentVerdict::delivered;
    if (taken.buffered) return SegmentVerdict::buffered;
    if (behind_fin > 0) return SegmentVerdict::after_close;
    if (late) return SegmentVerdict::late;
    return length > 0 ? SegmentVerdict::retransmission : SegmentVerdict::empty;
}

/// The first FIN counts, unless data from behind it was seen already: then it is not this stream's.
void Reassembler::note_fin(std::uint64_t end) {
    std::uint64_t seen = next_.offset();
    if (!pending_.empty()) seen = std::prev(pending_.end())->first + std::prev(pending_.end())->second.length;
    if (ended_ || end < seen) return;
    ended_ = true;
    end_offset_ = end;
}

bool Reassembler::conflicts(const Span& span) const {
    if (pending_.empty()) return false;
    auto it = pending_.upper_bound(span.begin);
    if (it != pending_.begin()) --it;
    for (; it != pending_.end() && it->first < span.data_end(); ++it) {
        const auto& [offset, piece] = *it;
        const std::uint64_t from = std::max(offset, span.begin);
        const std::uint64_t to = std::min(offset + piece.length, span.data_end());
        if (from >= to || piece.data.empty()) continue;
        const BytesView kept = BytesView(piece.data).substr(from - offset, to - from);
        if (kept != span.data.substr(from - span.begin, to - from)) return true;
    }
    return false;
}

/// Takes those parts of [begin, begin + length) that are not there yet; `data` is empty for bytes that were
/// cut off.
void Reassembler::absorb(std::uint64_t begin, std::uint64_t length, BytesView data, Timestamp now, StreamSink& sink,
                         Taken& taken) {
    const std::uint64_t end = begin + length;
    std::uint64_t at = std::max(begin, next_.offset());
    while (at < end) {
        const auto after = pending_.upper_bound(at);
        if (after != pending_.begin()) {
            const auto& [offset, piece] = *std::prev(after);
            if (offset + piece.length > at) {
                at = offset + piece.length;
                continue;
            }
        }
        const std::uint64_t stop = after == pending_.end() ? end : std::min(end, after->first);
        const BytesView part = data.empty() ? BytesView{} : data.substr(at - begin, stop - at);
        if (at == next_.offset() && taken.needs == 0) {
            read_ = taken.read;
            hand_over(part, stop - at, now, sink);
            drain(now, sink);
            taken.delivered = true;
            at = next_.offset();
        } else {
            pending_.emplace_hint(after, at, Piece{stop - at, Bytes(part), now, taken.needs, taken.read});
            buffered_bytes_ += part.size() + kPieceOverhead;
            taken.buffered = true;
            at = stop;
        }
    }
}

/// The next `length` bytes: `data`, or a gap where there is none. Pieces do not run back in time.
void Reassembler::hand_over(BytesView data, std::uint64_t length, Timestamp time, StreamSink& sink) {
    const std::uint64_t offset = next_.offset();
    next_.advance(length);
    last_time_ = std::max(last_time_, time);
    if (!data.empty()) return sink.on_data(data, last_time_);
    last_gap_ = {offset, length};
    sink.on_gap(last_gap_, last_time_);
}

void Reassembler::hand_over_first(Timestamp not_before, StreamSink& sink) {
    const auto node = pending_.extract(pending_.begin());
    const Piece& piece = node.mapped();
    buffered_bytes_ -= piece.data.size() + kPieceOverhead;
    read_ = piece.read;
    hand_over(piece.data, piece.length, std::max(not_before, piece.time), sink);
}

/// Hands over the pieces whose turn has come: at `not_before`, when the hole before them was filled, or when
/// they came.
void Reassembler::drain(Timestamp not_before, StreamSink& sink) {
    while (held() && (needs() == 0 || needs() <= other_->passed())) hand_over_first(not_before, sink);
}

bool Reassembler::release(StreamSink& sink) {
    const std::uint64_t before = next_.offset();
    if (held()) drain(other_->last_time_, sink);
    return next_.offset() != before;
}

void Reassembler::step_over(Timestamp now, StreamSink& sink) {
    if (!held()) return give_up(hole_end(), now, sink);
    hand_over_first(Timestamp(), sink);
    drain(Timestamp(), sink);
}

void Reassembler::settle(std::uint64_t offset, Timestamp now, StreamSink& sink) {
    while (anchored_ && !held() && passed() < offset) {
        if (pending_.empty() && !ended_ && offset == next_.offset() + 1) {
            excused_ = offset;  // the number of a FIN that was not captured
        } else {
            give_up(std::min(hole_end(), offset), now, sink);
        }
    }
}

/// Declares the bytes from here to `up_to` lost, at the time when the data behind them came, or what waits for them.
void Reassembler::give_up(std::uint64_t up_to, Timestamp now, StreamSink& sink) {
    Timestamp noticed = now;
    if (!pending_.empty()) {
        noticed = held_since();
    } else if (awaited()) {
        noticed = other_->held_since();
    }
    hand_over({}, up_to - next_.offset(), noticed, sink);
    drain(noticed, sink);
}

void Reassembler::give_up_holes(Timestamp now, StreamSink& sink) {
    while (!pending_.empty()) step_over(now, sink);
}

void Reassembler::enforce_limits(Timestamp now, StreamSink& sink) {
    // Where the directions wait for each other, the owner of both decides.
    while (over_limits() && !held() && (other_ == nullptr || !other_->held())) give_up(hole_end(), now, sink);
}

void Reassembler::on_ack_ahead(std::uint32_t acknowledgement, Timestamp now, StreamSink& sink) {
    const std::int64_t distance = next_.distance_to(acknowledgement);
    if (distance > kMaxWindow) return;
    peer_acked_ = std::max(peer_acked_, next_.offset() + static_cast<std::uint64_t>(distance));
    ++suspect_segments_;
    judge_holes(now, sink);
}

/// Everything acknowledged when the suspicion began is lost once patience is over and later data is there;
/// what was acknowledged since then gets a patience of its own. Whether anything was given up.
bool Reassembler::judge_holes(Timestamp now, StreamSink& sink) {
    if (peer_acked_ <= next_.offset()) return false;
    const std::uint64_t before = passed();
    if (suspect_until_ > next_.offset() &&
        (suspect_segments_ >= limits_->gap_patience_segments || now - suspect_since_ >= limits_->gap_patience)) {
        while (!held() && (has_hole() || awaited()) && passed() < suspect_until_) {
            std::uint64_t up_to = std::min(hole_end(), suspect_until_);
            if (other_ != nullptr && other_->held()) {  // its turn may come in the middle of the hole
                if (other_->needs() <= passed()) break;
                up_to = std::min(up_to, other_->needs());
            }
            settle(up_to, now, sink);
        }
    }
    if (suspect_until_ <= next_.offset() && peer_acked_ > next_.offset()) {
        suspect_until_ = peer_acked_;
        suspect_since_ = now;
        suspect_segments_ = 0;
    }
    return passed() != before;
}

void Reassembler::join_anew(std::uint32_t sequence, Timestamp now, StreamSink& sink) {
    give_up_holes(now, sink);
    excused_ = std::max(next_.offset(), peer_acked_);
    next_.jump_to(sequence);
    peer_acked_ = suspect_until_ = next_.offset();
    ended_ = false;
    last_gap_ = {next_.offset(), 0};
    sink.on_gap(last_gap_, now);
}

void Reassembler::close(Timestamp now, StreamSink& sink) {
    if (!anchored_) return;
    give_up_holes(now, sink);
    std::uint64_t end = ended_ ? end_offset_ : peer_acked_;
    // One acknowledged number at the very end, with no FIN seen, is that of a FIN which was not captured.
    if (!ended_ && end == next_.offset() + 1) end = next_.offset();
    if (end > next_.offset()) hand_over({}, end - next_.offset(), now, sink);
}

}  // namespace understudy::capture

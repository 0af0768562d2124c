#include "capture/session/boundary_search.hpp"

#include <algorithm>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {
namespace {

constexpr std::size_t kHeader = 5;
constexpr std::size_t kReadyForQuery = 6;  // bytes of the message
constexpr char kCopyData = 'd';            // on both sides

/// Messages without a body (PostgreSQL docs, "Message Formats").
constexpr BytesView kEmptyOfClient = "SHXc";
constexpr BytesView kEmptyOfServer = "123nsIc";
/// Messages of the log-in, which do not come later.
constexpr BytesView kLoginOfClient = "p";
constexpr BytesView kLoginOfServer = "RKv";

}  // namespace

/// The length of the whole message that `bytes`, at least kHeader of them, may begin with; 0 when they cannot.
std::size_t BoundarySearch::plausible_length(BytesView bytes) const {
    const char tag = bytes[0];
    if (!(from_client_ ? pgwire::is_frontend_tag(tag) : pgwire::is_backend_tag(tag))) return 0;
    const BytesView impossible = from_client_ ? kLoginOfClient : (login_ ? BytesView() : kLoginOfServer);
    if (impossible.find(tag) != BytesView::npos) return 0;
    const std::size_t length = ByteReader(bytes.substr(1)).u32();
    if (length < 4 || length > max_frame_) return 0;
    const bool empty = (from_client_ ? kEmptyOfClient : kEmptyOfServer).find(tag) != BytesView::npos;
    if (empty != (length == 4) && (empty || tag != kCopyData)) return 0;
    if (!from_client_ && tag == 'Z' && length + 1 != kReadyForQuery) return 0;
    return length + 1;
}

bool BoundarySearch::decodes(BytesView whole) const {
    if (whole[0] == kCopyData) return true;
    const pgwire::FrameView frame{whole[0], whole.substr(kHeader), whole};
    if (from_client_) return pgwire::decode_frontend(frame).has_value();
    if (frame.tag == 'Z') return BytesView("ITE").find(frame.body[0]) != BytesView::npos;
    return pgwire::decode_backend(frame).has_value();
}

/// Over one message, if it is whole.
BoundarySearch::Step BoundarySearch::grow(Chain& chain) const {
    if (chain.next + kHeader > end_) return Step::stays;
    const std::size_t length = plausible_length(from(chain.next));
    if (length == 0) return Step::broke;
    if (chain.next + length > end_) return Step::stays;
    const BytesView whole = from(chain.next).substr(0, length);
    if (!decodes(whole)) return Step::broke;
    chain.last = chain.next;
    chain.next += length;
    ++chain.messages;
    return Step::grew;
}

void BoundarySearch::start_chains() {
    for (; scanned_ + kHeader <= end_; ++scanned_) {
        Chain chain;
        chain.start = chain.next = scanned_;
        if (plausible_length(from(scanned_)) == 0) continue;
        Step step = Step::grew;
        while (step == Step::grew) step = grow(chain);
        if (step != Step::broke) keep(chain);
    }
}

/// Of chains that have met, the one that began first says it all. Past the limit the least likely one goes: inside its
/// first message, and that the longest.
void BoundarySearch::keep(const Chain& chain) {
    const auto met = [&](const Chain& other) { return other.next == chain.next; };
    if (std::any_of(chains_.begin(), chains_.end(), met)) return;
    chains_.push_back(chain);
    if (chains_.size() <= kMaxChains) return;
    const auto doubt = [&](const Chain& other) { return other.messages > 0 ? 0 : plausible_length(from(other.next)); };
    chains_.erase(std::max_element(chains_.begin(), chains_.end(),
                                   [&](const Chain& a, const Chain& b) { return doubt(a) < doubt(b); }));
}

bool BoundarySearch::add(BytesView piece, bool burst) {
    const std::uint64_t piece_start = end_;
    held_.append(piece);
    end_ += piece.size();
    if (burst) {
        burst_start_ = piece_start;
        burst_known_ = true;
    }
    for (Chain chain : std::exchange(chains_, {})) {
        Step step = Step::grew;
        while (step == Step::grew) step = grow(chain);
        if (step != Step::broke) keep(chain);
    }
    start_chains();
    if (confirmed(piece_start)) return true;
    drop_front();
    return false;
}

bool BoundarySearch::confirmed(std::uint64_t piece_start) {
    const Chain* longest = nullptr;
    std::size_t rivals = 0;
    for (const Chain& chain : chains_) {
        const bool at_burst = burst_known_ && chain.start == burst_start_;
        const bool at_piece = chain.start == piece_start && chain.messages >= 2;
        if (chain.next == end_ && chain.messages > 0 && (at_burst || at_piece)) {
            found_ = chain.start;
            return true;
        }
        if (chain.messages >= 2) ++rivals;
        if (longest == nullptr || chain.messages > longest->messages) longest = &chain;
    }
    if (longest == nullptr || longest->messages < kChain || rivals > 1) return false;
    found_ = longest->last;
    return true;
}

bool BoundarySearch::other_side_goes_on() {
    if (from_client_ || held_.size() < kReadyForQuery) return false;
    const std::uint64_t start = end_ - kReadyForQuery;
    const BytesView last = from(start);
    if (last[0] != 'Z' || plausible_length(last) != kReadyForQuery || !decodes(last)) return false;
    const auto ends = std::find_if(chains_.begin(), chains_.end(),
                                   [&](const Chain& chain) { return chain.next == end_ && chain.messages > 0; });
    found_ = ends == chains_.end() ? start : ends->start;
    return true;
}

Bytes BoundarySearch::take() {
    Bytes rest(from(found_));
    taken_ += rest.size();
    held_.clear();
    held_.shrink_to_fit();
    chains_.clear();
    begin_ = scanned_ = end_;
    return rest;
}

/// A chain whose beginning goes is entered at its next message.
void BoundarySearch::drop_front() {
    if (held_.size() <= kMaxHeld) return;
    const std::uint64_t begin = end_ - kMaxHeld / 2;
    held_.erase(0, begin - begin_);
    begin_ = begin;
    scanned_ = std::max(scanned_, begin);
    std::vector<Chain> kept;
    for (Chain chain : chains_) {
        if (chain.next < begin) continue;  // inside a message that is longer than what is held
        if (chain.start < begin) chain.start = chain.next;
        kept.push_back(chain);
    }
    chains_ = std::move(kept);
}

void BoundarySearch::reset() { *this = BoundarySearch(from_client_, max_frame_, login_); }

}  // namespace understudy::capture

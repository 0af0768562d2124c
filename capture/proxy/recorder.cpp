#include "capture/proxy/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>

#include "capture/pipeline.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {
namespace {

constexpr int kBatch = 256;
constexpr auto kShortNap = std::chrono::milliseconds(2);
constexpr auto kLongNap = std::chrono::milliseconds(20);
constexpr Duration kTickEvery = Duration::seconds(1);
/// Pieces younger than that wait, so that what another thread relayed before them is in its ring.
constexpr Duration kSettle = Duration::milliseconds(2);
constexpr Timestamp kForEver = Timestamp::from_ns(std::numeric_limits<std::int64_t>::max());

}  // namespace

void Recorder::GuardedSink::on_event(Event&& event) {
    try {
        sink_.on_event(std::move(event));
    } catch (const std::exception&) {
        ProxyCounts::add(counts_.sink_failures);
    }
}

Recorder::Recorder(RecorderOptions options, const Digester& digester, EventSink& sink,
                   std::vector<std::unique_ptr<RingWriter>>& writers, ProxyCounts& counts)
    : options_(std::move(options)),
      sink_(sink, counts),
      writers_(writers),
      counts_(counts),
      context_{digester, options_.policy, sink_, {}, {}, {}},
      redaction_(options_.redaction ? options_.redaction(context_.counters) : nullptr),
      thread_([this] { run(); }) {}

Recorder::~Recorder() { finish(); }

void Recorder::finish() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(stop_mutex_);
        stopping_ = true;
    }
    stop_wakes_.notify_one();
    thread_.join();
}

void Recorder::run() {
    context_.redaction = redaction_.get();
    const Clock& clock = system_clock();
    Timestamp ticked = clock.now();
    auto nap = kShortNap;
    while (true) {
        const Timestamp now = clock.now();
        if (now - ticked >= kTickEvery) {
            tick();
            ticked = now;
        }
        if (drain(now + Duration::nanoseconds(-kSettle.count_ns()))) {
            nap = kShortNap;
            continue;
        }
        std::unique_lock lock(stop_mutex_);
        if (stop_wakes_.wait_for(lock, nap, [&] { return stopping_; })) break;
        nap = std::min(nap * 2, kLongNap);
    }
    // The writers are gone, so what waited for room can be taken from them.
    bool more = true;
    while (more) {
        more = false;
        for (const auto& writer : writers_) more = !writer->push_waiting() || more;
        more = drain(kForEver) || more;
    }
    const Timestamp end = clock.now();
    while (!sessions_.empty()) end_session(*sessions_.begin(), CloseReason::end_of_capture, end);
    tick();
}

bool Recorder::drain(Timestamp until) {
    sink_ok_ = !options_.sink_ok || options_.sink_ok();
    const std::lock_guard lock(context_mutex_);
    for (int handled = 0; handled < kBatch; ++handled) {
        RingWriter* oldest = nullptr;
        RecordItem item;
        BytesView bytes;
        for (const auto& writer : writers_) {
            BytesView found_bytes;
            const auto found = writer->ring().front(found_bytes);
            if (!found || found->time > until || (oldest != nullptr && item.time <= found->time)) continue;
            oldest = writer.get();
            item = *found;
            bytes = found_bytes;
        }
        if (oldest == nullptr) return handled > 0;
        handle(item, bytes);
        oldest->ring().pop(item);
    }
    return true;
}

void Recorder::handle(const RecordItem& item, BytesView bytes) {
    TappedSession* session = item.session;
    switch (item.kind) {
        case RecordItem::Kind::padding: return;
        case RecordItem::Kind::opened:
            sessions_.insert(session);
            session->decoder.emplace(session_id(session->flow), session->flow, context_);
            return;
        case RecordItem::Kind::data:
            if (sink_ok_) return session->decoder->on_data(item.direction, bytes, item.time);
            ProxyCounts::add(counts_.sink_failed_bytes, bytes.size());
            return session->decoder->on_gap(item.direction, bytes.size(), item.time);
        case RecordItem::Kind::gap: return session->decoder->on_gap(item.direction, item.gap_length, item.time);
        case RecordItem::Kind::closed:
            return end_session(session, item.reset ? CloseReason::reset : CloseReason::fin, item.time);
    }
}

void Recorder::end_session(TappedSession* session, CloseReason reason, Timestamp time) {
    session->decoder->on_close(reason, time);
    sessions_.erase(session);
    const std::unique_ptr<TappedSession> owned(session);
}

void Recorder::tick() {
    if (!options_.on_tick) return;
    try {
        options_.on_tick(counters());
    } catch (const std::exception&) {
        ProxyCounts::add(counts_.sink_failures);
    }
}

Counters Recorder::counters() const {
    Counters counters;
    {
        const std::lock_guard lock(context_mutex_);
        counters = context_.named_counters();
    }
    const auto add = [&](const char* name, const ProxyCounts::Count& count) {
        if (const std::uint64_t value = count.load(std::memory_order_relaxed); value > 0) counters.values[name] = value;
    };
    add("proxy.connections", counts_.connections_total);
    add("proxy.connections_rejected", counts_.connections_rejected);
    add("proxy.accept_failures", counts_.accept_failures);
    add("proxy.upstream_failures", counts_.upstream_failures);
    add("proxy.tls_failures", counts_.tls_failures);
    add("proxy.bytes_to_server", counts_.bytes_to_server);
    add("proxy.bytes_to_client", counts_.bytes_to_client);
    add("proxy.channel_binding_removed", counts_.binding_removed);
    add("proxy.channel_binding_avoided", counts_.binding_avoided);
    add("proxy.channel_binding_conflicts", counts_.binding_conflicts);
    add("loss.proxy_queue_bytes", counts_.queue_bytes);
    add("loss.proxy_queue_gaps", counts_.queue_gaps);
    add("loss.proxy_queue_sessions", counts_.queue_sessions);
    add("loss.proxy_sink_bytes", counts_.sink_failed_bytes);
    add("loss.proxy_sink_failures", counts_.sink_failures);
    return counters;
}

}  // namespace understudy::capture

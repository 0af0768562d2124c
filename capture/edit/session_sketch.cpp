#include "capture/edit/session_sketch.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "core/base/byte_reader.hpp"

namespace understudy::capture {
namespace {

constexpr std::size_t kHashedBytes = 4096;  // of a message

/// Of the first message: how a client's messages arrive together differs from host to host.
std::uint64_t hash_of_first(BytesView frames) {
    std::size_t length = frames.size();
    if (frames.size() >= 5) length = std::min(length, std::size_t{1} + ByteReader(frames.substr(1)).u32());
    return std::hash<BytesView>{}(frames.substr(0, std::min(length, kHashedBytes)));
}

}  // namespace

void SketchBook::identify(SessionSketch& sketch, const SessionIdentity& identity) {
    if (!identity.client.empty()) sketch.client = identity.client;
    if (!identity.server.empty()) sketch.server = identity.server;
    if (identity.process_id != 0) sketch.process_id = identity.process_id;
    if (identity.startup.empty()) return;
    Bytes all;
    for (const auto& [name, value] : identity.startup) all += name + '\0' + value + '\0';
    sketch.startup = std::hash<Bytes>{}(all) | 1U;
}

void SketchBook::on_event(const Event& event) {
    if (const auto* request = std::get_if<Request>(&event)) return on(*request);
    if (const auto* response = std::get_if<Response>(&event)) return on(*response);
    if (const auto* opened = std::get_if<SessionOpened>(&event)) {
        SessionSketch& sketch = sketches_[opened->session];
        sketch.joined = opened->joined;
        identify(sketch, opened->identity);
    } else if (const auto* state = std::get_if<SessionState>(&event)) {
        identify(sketches_[state->session], state->identity);
    } else if (const auto* closed = std::get_if<SessionClosed>(&event)) {
        (void)sketches_[closed->session];
    } else if (const auto* gap = std::get_if<Gap>(&event); gap != nullptr && gap->session.value() != 0) {
        sketches_[gap->session].losses += 1 + gap->exchanges_dropped;
    }
}

void SketchBook::on(const Request& event) {
    SessionSketch& sketch = sketches_[event.session];
    const std::uint64_t ordinal = event.ordinal.value();
    if (!sketch.first.known()) sketch.first = event.time;
    sketch.last = std::max(sketch.last, event.time);
    if (sketch.exchanges == 0) sketch.first_ordinal = ordinal;
    if (ordinal < sketch.first_ordinal + sketch.exchanges) return;  // goes on
    sketch.exchanges = ordinal - sketch.first_ordinal + 1;
    // Only an unbroken row of exchanges can be laid beside another one.
    if (sketch.samples.size() < SessionSketch::kMaxSamples && sketch.samples.size() + 1 == sketch.exchanges) {
        sketch.samples.push_back({hash_of_first(event.frames), event.time, {}});
    }
}

void SketchBook::on(const Response& event) {
    SessionSketch& sketch = sketches_[event.session];
    for (const StepResult& result : event.results) {
        if (result.outcome == StepOutcome::incomplete) ++sketch.losses;
    }
    if (!event.ready.known()) return;
    ++sketch.answered;
    const std::uint64_t place = event.ordinal.value() - sketch.first_ordinal;
    if (place < sketch.samples.size()) sketch.samples[place].ready = event.ready;
}

bool more_complete(const SessionSketch& a, const SessionSketch& b) {
    return std::tuple(a.answered, a.exchanges, !a.joined, b.losses) >
           std::tuple(b.answered, b.exchanges, !b.joined, a.losses);
}

}  // namespace understudy::capture

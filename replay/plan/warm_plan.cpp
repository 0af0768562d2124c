#include "replay/plan/warm_plan.hpp"

#include "core/base/byte_reader.hpp"
#include "core/exchange/name_effects.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/fingerprint.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::replay {
namespace {

using pgwire::FrontendTag;

std::vector<std::uint32_t> types_of(BytesView bytes) {
    std::vector<std::uint32_t> types;
    ByteReader reader(bytes);
    while (reader.remaining() >= 4) types.push_back(reader.u32());
    return types;
}

}  // namespace

void WarmPlan::on_planned(Planned&& planned) {
    const Timestamp time = store::event_time(planned.event);
    if (!taken_ && time.known() && time >= moment_ + kRecordWindow) take_states();
    const bool before = !time.known() || time < moment_;
    if (before && !taken_ && !planned.left_out.yes()) states_.on_event(planned.event);
    if (before || !look_ahead_) return;
    // What stands before the end of the window is looked at as well: its session may be known already.
    if (const auto* closed = std::get_if<SessionClosed>(&planned.event)) {
        open_[closed->session].ended = true;
    } else if (const auto* request = std::get_if<Request>(&planned.event); request != nullptr) {
        if (!planned.left_out.yes()) look_ahead(*request);
    }
}

/// The sessions that are open at the moment, with what they have prepared.
void WarmPlan::take_states() {
    taken_ = true;
    for (const SessionState& state : states_.states(moment_)) {
        ++result_.sessions;
        at_moment_.insert(state.session);
        const auto later = result_.later.find(state.session);
        for (const PreparedStatement& statement : state.statements) {
            if (statement.name.empty()) continue;
            ++result_.statements;
            count_fingerprint(statement.sql);
            open_[state.session].names.insert(statement.name);
            if (later == result_.later.end()) continue;
            std::erase_if(later->second, [&](const auto& found) { return found.name == statement.name; });
        }
    }
    std::erase_if(result_.later, [&](const auto& entry) { return !at_moment_.contains(entry.first); });
}

void WarmPlan::look_ahead(const Request& request) {
    if (taken_ && !at_moment_.contains(request.session)) return;  // it opens after the pause
    Held& held = open_[request.session];
    if (held.ended) return;
    if (held.scanned != request.ordinal) held.scanner.reset();
    held.scanned = request.ordinal;
    BytesView rest = request.frames;
    ScannedFrame frame;
    while (!held.ended && held.scanner.next(rest, frame)) take_frame(request.session, held, frame);
}

void WarmPlan::take_frame(SessionId session, Held& held, const ScannedFrame& frame) {
    ByteReader body(frame.body);
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::query: held.ended = frame.cut || note_effects(held, body.c_string()); return;
        case FrontendTag::close:
            if (body.u8() == 'S') held.names.insert(Bytes(body.c_string()));
            return;
        case FrontendTag::parse: break;
        default: return;
    }
    const auto parse = frame.cut ? std::nullopt : pgwire::view_parse(frame.body);
    if (!parse) return;
    held.ended = note_effects(held, parse->sql);
    if (parse->statement.empty() || !held.names.insert(Bytes(parse->statement)).second) return;
    if (later_ >= kMaxLater || later_bytes_ + parse->sql.size() > kMaxLaterBytes) {
        ++result_.left_out;
        return;
    }
    ++later_;
    later_bytes_ += parse->sql.size();
    result_.later[session].push_back({Bytes(parse->statement), Bytes(parse->sql), types_of(parse->parameter_types)});
}

/// Names that SQL gives or takes are not prepared early. True where it drops all.
bool WarmPlan::note_effects(Held& held, BytesView sql) {
    for (const NameEffect& effect : name_effects(sql)) {
        if (effect.kind == NameEffect::Kind::drop_all) return true;
        held.names.insert(effect.name);
    }
    return false;
}

void WarmPlan::count_fingerprint(BytesView sql) {
    const std::uint64_t fingerprint = sql::fingerprint(sql).value;
    const auto known = result_.fingerprints.find(fingerprint);
    if (known != result_.fingerprints.end()) {
        ++known->second;
    } else if (result_.fingerprints.size() < kMaxFingerprints) {
        result_.fingerprints.emplace(fingerprint, 1);
    }
}

HeldSessions WarmPlan::held() {
    if (!taken_) take_states();
    for (const auto& [session, statements] : result_.later) {
        for (const PreparedStatement& statement : statements) count_fingerprint(statement.sql);
    }
    return std::move(result_);
}

}  // namespace understudy::replay

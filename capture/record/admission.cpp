#include "capture/record/admission.hpp"

#include <algorithm>

namespace understudy::capture {

bool Admission::admit(const Event& event, Room room) {
    if (const auto* request = std::get_if<Request>(&event)) return admit_request(*request, room);
    if (const auto* response = std::get_if<Response>(&event)) {
        return admit_answer(response->session, response->ordinal, response->ready.known(), room);
    }
    if (const auto* part = std::get_if<RowPart>(&event)) return admit_answer(part->session, part->ordinal, false, room);
    if (room != Room::none) return true;
    ++records_dropped_;
    return false;
}

bool Admission::admit_request(const Request& request, Room room) {
    const std::uint32_t ordinal = request.ordinal.value();
    Session& session = sessions_[request.session.value()];
    if (is_dropped(session, ordinal)) return false;
    const bool begun = session.newest && ordinal <= *session.newest;
    if (!session.newest || ordinal > *session.newest) session.newest = ordinal;
    if (room == Room::ample || (begun && room == Room::scarce)) return true;
    drop(session, ordinal);
    return false;
}

bool Admission::admit_answer(SessionId id, Ordinal ordinal, bool ends, Room room) {
    if (room < Room::exhausted && exchanges_dropped_ == 0) return true;
    Session& session = sessions_[id.value()];
    if (!is_dropped(session, ordinal.value())) {
        if (room < Room::exhausted) return true;
        drop(session, ordinal.value());  // its request is in the file, and stays without an answer
    }
    if (ends) std::erase(session.dropped, ordinal.value());
    return false;
}

void Admission::drop(Session& session, std::uint32_t ordinal) {
    session.dropped.push_back(ordinal);
    ++session.untold;
    ++exchanges_dropped_;
}

bool Admission::is_dropped(const Session& session, std::uint32_t ordinal) {
    return !session.dropped.empty() &&
           std::find(session.dropped.begin(), session.dropped.end(), ordinal) != session.dropped.end();
}

std::uint64_t Admission::take_dropped(SessionId session) {
    if (exchanges_dropped_ == 0) return 0;
    const auto found = sessions_.find(session.value());
    return found == sessions_.end() ? 0 : std::exchange(found->second.untold, 0);
}

}  // namespace understudy::capture

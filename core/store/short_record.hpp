#pragma once

#include <optional>

#include "core/store/chunk_places.hpp"
#include "core/store/step_codec.hpp"

namespace understudy::store {

// Time, session and ordinal of a short record (docs/capture-file.md, "Short records").

/// Says what the Requests and Responses before in the chunk leave to be said.
template <class Message>
void encode_place(SessionId session, Ordinal ordinal, Timestamp time, ChunkPlaces& places, Message& to) {
    const std::uint32_t number = places.number_of(session);
    if (number == 0) {
        to.set_session(session.value());
    } else {
        to.set_place(number);
    }
    to.set_ordinal_step(static_cast<std::int32_t>(ordinal.value() - places.ordinal(number)));
    to.set_since_ns(relative(time, places.time()));
}

/// The record's time. Nothing where it leans on one that is not there.
template <class Message>
std::optional<Timestamp> decode_place(const Message& from, ChunkPlaces& places, SessionId& session, Ordinal& ordinal) {
    if (from.place() != 0 && !places.has(from.place())) return std::nullopt;
    session = from.place() == 0 ? SessionId(from.session()) : places.session(from.place());
    ordinal = Ordinal(places.ordinal(from.place()) + static_cast<std::uint32_t>(from.ordinal_step()));
    const Timestamp time = absolute(from.since_ns(), places.time());
    places.note(from.place(), session, ordinal.value(), time);
    return time;
}

}  // namespace understudy::store

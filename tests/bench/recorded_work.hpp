#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/pgwire/frame_reader.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::bench {

/// What one recorded session sends: requests, each with the number of ReadyForQuery that answer it.
struct SessionWork {
    std::string user;
    std::string database;
    struct Send {
        Bytes bytes;
        int answers = 0;
    };
    std::vector<Send> sends;
};

/// The requests of a capture by session, in memory.
inline std::vector<SessionWork> read_work(const std::string& path) {
    std::map<std::uint64_t, SessionWork> sessions;
    auto reader = store::CaptureReader::open(path).value();
    while (auto event = reader->next().value()) {
        if (const auto* state = std::get_if<SessionState>(&*event)) {
            SessionWork& work = sessions[state->session.value()];
            work.user = state->identity.user;
            work.database = state->identity.database;
        } else if (const auto* request = std::get_if<Request>(&*event)) {
            int answers = 0;
            pgwire::FrameReader frames;
            pgwire::FrameView frame;
            frames.begin(request->frames);
            while (frames.next(frame) == pgwire::FrameStatus::complete) answers += frame.tag == 'S' || frame.tag == 'Q';
            sessions[request->session.value()].sends.push_back({request->frames, answers});
        }
    }
    std::vector<SessionWork> list;
    for (auto& [id, work] : sessions) {
        if (!work.sends.empty()) list.push_back(std::move(work));
    }
    return list;
}

}  // namespace understudy::bench

#pragma once

#include <unordered_set>

#include "core/base/bytes.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy {

/// The prepared statements and portals that a session's client has named in a Parse or a Bind. Where some may
/// have been missed (capture joined later, bytes were lost) it tells which messages use a name that was never
/// seen.
class KnownNames {
public:
    static constexpr std::size_t kMaxNames = 100'000;

    /// `some_missed`: statements or portals may exist that were never seen.
    explicit KnownNames(bool some_missed) : some_missed_(some_missed) {}

    void set_some_missed() { some_missed_ = true; }
    /// Takes note of a frontend frame. True when it uses a name that was missed.
    bool note(const pgwire::FrameView& frame);

private:
    void define(char target, BytesView name);
    [[nodiscard]] bool missed(char target, BytesView name) const;

    bool some_missed_;
    std::unordered_set<Bytes> names_;  // 'S' or 'P' and the name
    bool unnamed_portal_ = false;      // it is in names_: most Binds name it
};

}  // namespace understudy

#include "replay/plan/session_copies.hpp"

#include <fmt/format.h>

namespace understudy::replay {
namespace {

void rename(Event& event, unsigned copy) {
    std::visit(
        [copy](auto& record) {
            if constexpr (requires { record.session; }) record.session = copy_of(record.session, copy);
            if constexpr (requires { record.identity.client; }) {
                record.identity.client += fmt::format(" copy {}", copy + 1);
            }
        },
        event);
}

}  // namespace

SessionId copy_of(SessionId session, unsigned copy) {
    if (copy == 0) return session;
    std::uint64_t id = session.value() ^ (0x9E3779B97F4A7C15ULL * copy);
    id = (id ^ (id >> 32U)) * 0xD6E8FEB86659FD93ULL;
    id ^= id >> 32U;
    return SessionId(id == 0 ? copy : id);
}

void SessionCopies::on_planned(Planned&& planned) {
    for (unsigned copy = 1; copy < copies_; ++copy) {
        Planned other = planned;
        rename(other.event, copy);
        next_.on_planned(std::move(other));
    }
    next_.on_planned(std::move(planned));
}

}  // namespace understudy::replay

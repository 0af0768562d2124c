#pragma once

#include "app/service/run_record.hpp"

namespace understudy::app::service {

/// What becomes of a run that a service which is no more has left behind.
enum class Recovery : std::uint8_t {
    none,   ///< it was over
    end,    ///< its processes live: end them, clean up, mark it interrupted
    adopt,  ///< it came to its end meanwhile: take its report
    mark,   ///< nothing lives, and there is no report: clean up, mark it interrupted
};

constexpr Recovery recovery_of(RunState state, bool lives, bool has_report) {
    if (is_over(state)) return Recovery::none;
    if (lives) return Recovery::end;
    return has_report ? Recovery::adopt : Recovery::mark;
}

}  // namespace understudy::app::service

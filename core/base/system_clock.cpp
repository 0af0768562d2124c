#include <chrono>

#include "core/base/time.hpp"

namespace understudy {
namespace {

class SystemClock final : public Clock {
public:
    SystemClock() : offset_ns_(wall_ns() - monotonic_ns()) {}

    [[nodiscard]] Timestamp now() const override { return Timestamp::from_ns(monotonic_ns() + offset_ns_); }

private:
    static std::int64_t wall_ns() {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
    static std::int64_t monotonic_ns() {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }
    std::int64_t offset_ns_;
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace understudy

// Any order of frames and gaps on a ResponseTracker. Each input byte is one: the letter of a frontend message
// (its upper bit clear) or of a backend message (set); '!' and '?' are gaps, '.' is quiet.

#include <cstdint>
#include <string_view>

#include "core/base/error.hpp"
#include "core/pgwire/response_tracker.hpp"

namespace {

using namespace understudy;

/// What must hold of the calls: steps of an exchange do not come after its end, and none comes twice.
class Checker final : public pgwire::TrackerListener {
public:
    void on_step_ended(const pgwire::Pending& step, pgwire::Ending) override {
        const bool later = step.ordinal > ordinal_ || (step.ordinal == ordinal_ && step.step >= next_step_);
        UNDERSTUDY_ASSERT(!any_ || later);
        any_ = true;
        ordinal_ = step.ordinal;
        next_step_ = step.step + 1;
    }
    void on_exchange_ended(std::uint32_t ordinal, char) override {
        UNDERSTUDY_ASSERT(!any_ || ordinal >= ordinal_);
        any_ = true;
        ordinal_ = ordinal + 1;
        next_step_ = 0;
    }

private:
    bool any_ = false;
    std::uint32_t ordinal_ = 0;
    std::uint32_t next_step_ = 0;
};

pgwire::FrameView frame_of(char tag) {
    static constexpr std::string_view kBody("I\0\0", 3);
    static constexpr std::string_view kWhole("?\0\0\0\x07I\0\0", 8);
    return {tag, kBody, kWhole};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Checker checker;
    pgwire::ResponseTracker tracker(checker);
    for (std::size_t i = 0; i < size; ++i) {
        const char tag = static_cast<char>(data[i] & 0x7FU);
        const bool from_server = (data[i] & 0x80U) != 0;
        switch (tag) {
            case '!': tracker.on_frontend_gap(); break;
            case '?': tracker.on_backend_gap(); break;
            case '.': tracker.on_quiet(); break;
            default:
                if (from_server) {
                    tracker.on_backend(frame_of(tag));
                } else {
                    tracker.on_frontend(frame_of(tag));
                }
        }
        UNDERSTUDY_ASSERT(tracker.pending().empty() == (tracker.head() == nullptr));
        UNDERSTUDY_ASSERT(!tracker.copy_in() || tracker.head() != nullptr);
        if (!tracker.certain() || !from_server) continue;
        for (const pgwire::Pending& pending : tracker.pending()) {
            UNDERSTUDY_ASSERT(pending.ordinal <= tracker.next_ordinal());
        }
    }
    return 0;
}

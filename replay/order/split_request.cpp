#include "replay/order/split_request.hpp"

#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/exchange/frame_scanner.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::replay {

std::vector<Request> split_at_executions(Request&& request) {
    struct Cut {
        std::size_t offset = 0;
        std::uint32_t step = 0;
    };
    std::vector<Cut> cuts;
    bool executed = false;
    std::uint32_t step = request.step.value();
    const BytesView frames = request.frames;
    for (std::size_t at = 0; at < frames.size();) {
        const std::size_t length =
            at + 5 <= frames.size() ? std::size_t{1} + ByteReader(frames.substr(at + 1)).u32() : 0;
        if (length < 5 || length > frames.size() - at) {
            cuts.clear();
            break;
        }
        const StepKind kind = step_kind_of(frames[at]);
        if (executed && (kind == StepKind::parse || kind == StepKind::bind)) {
            cuts.push_back({at, step});
            executed = false;
        }
        executed = executed || kind == StepKind::execute;
        if (kind != StepKind::unknown) ++step;
        at += length;
    }
    std::vector<Request> pieces;
    if (cuts.empty()) {
        pieces.push_back(std::move(request));
        return pieces;
    }
    std::size_t begin = 0;
    StepIndex first = request.step;
    cuts.push_back({frames.size(), step});
    for (const Cut& cut : cuts) {
        Request piece{request.session,
                      request.ordinal,
                      first,
                      request.time,
                      request.seen,
                      request.unresolved,
                      Bytes(frames.substr(begin, cut.offset - begin))};
        pieces.push_back(std::move(piece));
        begin = cut.offset;
        first = StepIndex(cut.step);
    }
    return pieces;
}

}  // namespace understudy::replay

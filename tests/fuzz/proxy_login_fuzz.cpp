// The proxy's views of a client's and of a server's first bytes. The first byte says how the rest is cut. However it is
// cut, the login filter gives the same bytes; they are those of the server unless a mechanism was removed.

#include <cstdint>

#include "capture/proxy/login_filter.hpp"
#include "capture/proxy/prelude.hpp"
#include "core/base/error.hpp"

namespace {

using namespace understudy;
using namespace understudy::capture;

void check_prelude(BytesView input, bool tls) {
    Prelude prelude(tls);
    prelude.append(input);
    PreludeStep step = prelude.next();
    int requests = 0;
    while (step == PreludeStep::refuse_encryption || step == PreludeStep::begin_tls) {
        UNDERSTUDY_ASSERT(++requests <= 2);  // one for each kind
        UNDERSTUDY_ASSERT(tls || step != PreludeStep::begin_tls);
        step = prelude.next();
    }
    if (step != PreludeStep::startup && step != PreludeStep::cancel) return;
    UNDERSTUDY_ASSERT(prelude.packet_length() <= prelude.take().size());
}

Bytes filter(BytesView first, BytesView second, bool& decided) {
    LoginFilter filter(true);
    Bytes out;
    auto verdict = filter.on_server_bytes(first, out);
    decided = verdict != LoginFilter::Verdict::undecided;
    if (decided) {
        out.append(second);
    } else {
        verdict = filter.on_server_bytes(second, out);
        decided = verdict != LoginFilter::Verdict::undecided;
    }
    if (decided && !filter.binding_removed()) UNDERSTUDY_ASSERT(out == Bytes(first) + Bytes(second));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = data[0] % (input.size() + 1);
    check_prelude(input, data[0] % 2 == 0);
    bool whole_decided = false;
    bool cut_decided = false;
    const Bytes whole = filter({}, input, whole_decided);
    const Bytes pieces = filter(input.substr(0, cut), input.substr(cut), cut_decided);
    UNDERSTUDY_ASSERT(whole_decided == cut_decided);
    if (whole_decided) UNDERSTUDY_ASSERT(whole == pieces);
    (void)declines_binding_unoffered(input);
    return 0;
}

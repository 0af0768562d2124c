#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/sql/ddl_effects.hpp"
#include "core/sql/split.hpp"

namespace {

using namespace understudy;
using namespace understudy::sql;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

/// On any bytes: what is understood has at least one action, the same each time, of a kind that has a name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    for (const BytesView statement : split_statements(text)) {
        const auto actions = ddl_effects(statement);
        require(actions == ddl_effects(statement));
        if (!actions) continue;
        require(!actions->empty());
        for (const DdlAction& action : *actions) require(!to_string(action.kind).empty());
    }
    return 0;
}

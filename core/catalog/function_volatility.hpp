#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

/// Whether calling a function may do more than read, as pg_proc.provolatile has it (PostgreSQL docs, "Function
/// Volatility Categories").
enum class Volatility : std::uint8_t {
    unknown,            ///< there is no function of that name
    settled,            ///< immutable or stable, whichever of its overloads is meant
    built_in_volatile,  ///< all that are volatile are PostgreSQL's own
    user_volatile,      ///< one that somebody made is
};

/// The functions of one database by name. Arguments are not looked at: of overloads, and of equal names in several
/// schemas where the call names none, the worst counts. A value; no I/O.
class FunctionVolatility {
public:
    void add(BytesView schema, BytesView name, bool is_volatile);
    /// `name` as a statement's traits have it: "now", "billing.next_invoice"; lower case.
    [[nodiscard]] Volatility of(BytesView name) const;

private:
    void raise(Bytes&& name, Volatility volatility);
    std::unordered_map<Bytes, Volatility> functions_;
};

}  // namespace understudy::catalog

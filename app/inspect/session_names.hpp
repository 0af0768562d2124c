#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/base/time.hpp"
#include "core/exchange/frame_scanner.hpp"
#include "core/exchange/text_store.hpp"
#include "core/model/step.hpp"

namespace understudy::app::inspect {

/// A step that a client asked for and whose result has not come yet.
struct AskedStep {
    std::uint32_t index = 0;
    StepKind kind = StepKind::unknown;
    Timestamp asked;
    char target = 0;          ///< Describe and Close: 'S' or 'P'
    Bytes name;               ///< Parse: statement; Bind, Execute: portal; Describe, Close: either
    Bytes statement;          ///< Bind: statement
    SqlText sql;              ///< Parse and Query
    std::uint64_t bytes = 0;  ///< of its message, and of the COPY data that followed
};

/// Fills in names and text. A body that does not parse leaves them empty.
void read_step(const ScannedFrame& frame, TextStore& texts, AskedStep& step);

/// Which text each prepared statement and portal of a session has, by what the server has answered.
class SessionNames {
public:
    static constexpr std::size_t kMaxNames = 10'000;      ///< statements, and portals, of one session
    static constexpr std::size_t kMaxNameLength = 1'024;  ///< longer names are not followed

    void define_statement(const Bytes& name, SqlText sql);
    /// The text that a step runs or is about; null when its Parse was never seen. What `recent` knows goes
    /// first, if given.
    [[nodiscard]] SqlText text_of(const AskedStep& step, const SessionNames* recent = nullptr) const;
    /// Learns from a step that the server obeyed; `sql` is its text.
    void apply(const AskedStep& step, const SqlText& sql);
    /// Forgets the unnamed statement: the server drops it before it reads a Parse, so also when that fails.
    void drop_unnamed() { statements_.erase(Bytes()); }

private:
    using Names = std::unordered_map<Bytes, SqlText>;
    static void define(Names& names, const Bytes& name, SqlText sql);
    [[nodiscard]] const SqlText* find(const AskedStep& step) const;

    Names statements_;
    Names portals_;
};

}  // namespace understudy::app::inspect

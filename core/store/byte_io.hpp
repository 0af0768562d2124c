#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::store {

/// Where a capture's bytes go: a file today, messages of a stream later.
class ByteSink {
public:
    virtual ~ByteSink() = default;
    /// Appends all of `bytes`, or fails and leaves what was appended before whole.
    virtual Result<void> append(BytesView bytes) = 0;
    /// Makes what was appended durable as far as the medium does that.
    virtual Result<void> sync() = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
};

/// Where a capture's bytes come from, front to back.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Appends up to `count` bytes to `out`; fewer only at the end of what is there now.
    virtual Result<void> read(std::size_t count, Bytes& out) = 0;
    [[nodiscard]] virtual std::string name() const = 0;
};

/// A new file with mode 0600; one that exists is emptied. Errors: Errc::io with the system's reason.
Result<std::unique_ptr<ByteSink>> create_file(const std::string& path);
Result<std::unique_ptr<ByteSource>> open_file(const std::string& path);
/// Bytes in memory, for tests and messages. `bytes` is borrowed.
std::unique_ptr<ByteSource> source_of(BytesView bytes);

}  // namespace understudy::store

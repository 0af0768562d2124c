#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <algorithm>
#include <vector>

#include "schema/migration/layout.hpp"

namespace {

using namespace understudy;
using namespace understudy::schema;

void require(bool condition) {
    if (!condition) std::abort();
}

/// "==> PATH\n" begins a file; what comes before the first is nobody's.
std::vector<SourceFile> files_of(BytesView data) {
    constexpr BytesView kMark = "==> ";
    std::vector<SourceFile> files;
    while (!data.empty()) {
        const std::size_t end = std::min(data.size(), data.find('\n'));
        const BytesView line = data.substr(0, end);
        data.remove_prefix(std::min(data.size(), end + 1));
        if (line.starts_with(kMark)) {
            files.push_back({std::string(line.substr(kMark.size())), {}});
        } else if (!files.empty()) {
            files.back().text.append(line);
            files.back().text += '\n';
        }
    }
    return files;
}

void check(const Script& script) {
    std::size_t line = script.line;
    for (const ScriptStatement& statement : script.statements) {
        require(!statement.text.empty() && statement.line >= line);
        line = statement.line;
        static_cast<void>(refused_in_transaction(statement.text));
    }
    for (std::size_t position = 0; position < 50; ++position) {
        require(statement_at(script, position) <= script.statements.size());
    }
}

void check(const Result<MigrationSet>& set) {
    if (!set) {
        require(!set.error().message.empty());
        return;
    }
    require(!set->migrations.empty() && !set->detected.empty());
    for (const Migration& migration : set->migrations) {
        require(!migration.version.empty());
        check(migration.up);
        if (migration.down) {
            require(!migration.down->empty());
            check(*migration.down);
        }
    }
}

}  // namespace

/// A directory of migrations is read as each layout or refused, never anything else; lines only go up within a direction.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<SourceFile> files = files_of(BytesView(reinterpret_cast<const char*>(data), size));
    check(read_layout(files));
    for (int layout = 0; layout <= static_cast<int>(Layout::liquibase); ++layout) {
        check(read_layout(files, static_cast<Layout>(layout)));
    }
    return 0;
}

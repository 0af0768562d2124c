#pragma once

#include <string>
#include <string_view>

namespace understudy::compare {

/// Lines of a report for a terminal: labels on the left, text wrapped beside them. What would steer the terminal (SQL
/// and messages are anybody's bytes) is shown as a dot.
class TextLayout {
public:
    static constexpr std::size_t kWidth = 100;
    static constexpr std::size_t kMaxFieldBytes = 2000;  ///< longer texts are cut

    void line(std::string_view text);
    void blank() { out_ += '\n'; }
    /// `label` at `indent`, `text` wrapped between spaces to its right; its line ends are spaces.
    void field(std::size_t indent, std::string_view label, std::string_view text);
    /// The same, keeping the line ends and never wrapping: for SQL that is to be copied.
    void verbatim(std::size_t indent, std::string_view label, std::string_view text);
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
};

/// "12,345".
std::string grouped(std::uint64_t number);

}  // namespace understudy::compare

#include "compare/report/page_text.hpp"
#include "compare/report/plain_text.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

/// The JSON as text of a script element: nothing in it can end the element.
std::string script_text(const std::string& json) {
    std::string out;
    out.reserve(json.size());
    for (const char c : json) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
    return out;
}

std::string verdict_in_words(const Report& report) {
    const std::string word = verdict_word(report);
    if (report.reasons.empty()) return word + ": the candidate answers as the baseline does";
    return word + ": " + report.reasons.front();
}

}  // namespace

std::string to_html(const Report& report) {
    struct Part {
        std::string_view placeholder;
        std::string text;
    };
    const Part parts[] = {{"<!--TITLE-->", "Comparison of two replays"},
                          {"<!--VERDICT-->", xml_text(verdict_in_words(report))},
                          {"<!--REPORT-->", script_text(to_json(report))}};
    // What was put in is not looked at again.
    std::string out;
    std::string_view page = kPage;
    while (!page.empty()) {
        const Part* next = nullptr;
        std::size_t at = std::string_view::npos;
        for (const Part& part : parts) {
            const std::size_t found = page.find(part.placeholder);
            if (found >= at) continue;
            at = found;
            next = &part;
        }
        out += page.substr(0, at);
        if (next == nullptr) break;
        out += next->text;
        page.remove_prefix(at + next->placeholder.size());
    }
    return out;
}

}  // namespace understudy::compare

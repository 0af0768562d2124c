#pragma once

#include <string>

#include "compare/report/report.hpp"

namespace understudy::compare {

/// The bytes as valid UTF-8: what is not becomes U+FFFD, and so do the control characters that XML and terminals do not
/// take (all below a space but tab and line ends).
std::string clean_utf8(BytesView bytes);

/// "&", "<", ">", and both quotes escaped, for XML and HTML; clean.
std::string xml_text(BytesView bytes);

/// "error appeared 42703", "value in column total".
std::string finding_title(const Finding& finding);
/// "42 times in 3 sessions, shop by checkout; 12 steps after it failed because of it".
std::string finding_reach(const Finding& finding);
/// "DIVERGENT".
std::string verdict_word(const Report& report);
/// "verdict: divergent", with its first reason.
std::string verdict_line(const Report& report);

}  // namespace understudy::compare

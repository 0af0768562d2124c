#pragma once

namespace understudy::compare {

/// The page of page/, with its style and scripts, and the placeholders <!--TITLE-->, <!--VERDICT--> and <!--REPORT-->.
/// Its source is made by page/embed.cmake.
extern const char* const kPage;
/// Its style sheet, for other pages of this program.
extern const char* const kPageStyle;

}  // namespace understudy::compare

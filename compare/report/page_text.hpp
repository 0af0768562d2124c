#pragma once

namespace understudy::compare {

/// The page of page/, with its style and scripts, and the placeholders <!--TITLE-->, <!--VERDICT--> and <!--REPORT-->.
/// Its source is made by page/embed.cmake.
extern const char* const kPage;

}  // namespace understudy::compare

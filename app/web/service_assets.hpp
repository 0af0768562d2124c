#pragma once

namespace understudy::app {

// The web application and its interface's description, put into the program by app/web/page/embed.cmake.

extern const char* const kAppPage;    ///< page/page.html
extern const char* const kAppStyle;   ///< the report page's style, and page/app.css
extern const char* const kAppScript;  ///< the report page's components, and page/*.js
extern const char* const kOpenApi;    ///< app/service/openapi.json

}  // namespace understudy::app

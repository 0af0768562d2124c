# cmake -D OUT=FILE.cpp -P embed.cmake: the page with its style and scripts as a C++ string, and the style alone.
# to_html.cpp fills in the rest.
get_filename_component(here ${CMAKE_SCRIPT_MODE_FILE} DIRECTORY)
file(READ ${here}/page.html page)
file(READ ${here}/page.css style)
file(GLOB names ${here}/*.js)
list(SORT names)
set(script "")
foreach(name ${names})
    file(READ ${name} text)
    string(APPEND script "${text}")
endforeach()
string(REPLACE "<!--STYLE-->" "${style}" page "${page}")
string(REPLACE "<!--SCRIPT-->" "${script}" page "${page}")
file(WRITE ${OUT} "#include \"compare/report/page_text.hpp\"

namespace understudy::compare {

const char* const kPageStyle = R\"page(${style})page\";

const char* const kPage = R\"page(${page})page\";

}  // namespace understudy::compare
")

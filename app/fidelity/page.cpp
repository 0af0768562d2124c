#include "app/fidelity/page.hpp"

#include <fmt/format.h>

#include <iterator>

#include "compare/report/page_text.hpp"
#include "compare/report/plain_text.hpp"
#include "schema/check/text_format.hpp"

namespace understudy::app {
namespace {

namespace fidelity = schema::fidelity;
using compare::xml_text;
using fidelity::Certificate;
using fidelity::Difference;
using fidelity::DifferenceClass;
using schema::count_text;

constexpr std::size_t kMaxRows = 500;  ///< of each table; the JSON has all

/// What the report's own style lacks: tables that are only read.
constexpr const char* kMoreStyle =
    "table.listing { width: 100%; } .listing th, .listing td { padding: 0.35rem 1.25rem 0.35rem 0; vertical-align: top;"
    " border-top: 1px solid var(--rule); overflow-wrap: anywhere; } .listing thead th { border-top: 0; color:"
    " var(--quiet); font-size: 0.8125rem; } .listing td.name { width: 14rem; } .listing td.statement { font-family:"
    " var(--mono); font-size: 0.8125rem; } .listing td.number { white-space: nowrap; } .listing thead th {"
    " overflow-wrap: normal; } main h2 + p { margin-bottom: 0.5rem; }";

struct ClassText {
    DifferenceClass what;
    const char* id;
    const char* title;
    const char* meaning;
};

constexpr ClassText kClasses[] = {
    {DifferenceClass::gate, "gates", "Gates",
     "Answers may differ because of these. Each voids a verdict on this staging."},
    {DifferenceClass::warning, "warnings", "Warnings", "They limit what may be claimed."},
    {DifferenceClass::latency, "latency", "Latency only", "Answers are the same; times say nothing of production's."},
    {DifferenceClass::note, "notes", "Notes", "Nothing that traffic notices."},
};

class Page {
public:
    explicit Page(const Certificate& certificate) : of_(certificate) {}

    std::string make() {
        head();
        verdict();
        for (const ClassText& one : kClasses) differences(one);
        reproduction();
        migration();
        not_known();
        drift();
        put("</main>\n<footer class=\"foot quiet\">\n<p>This file is the whole certificate: it loads nothing and sends "
            "nothing. It "
            "names tables, columns and roles; no value of a user's row is in it.</p>\n</footer>\n</body>\n</html>\n");
        return std::move(out_);
    }

private:
    template <class... Args>
    void put(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    }

    void head() {
        put("<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
            "http-equiv=\"Content-Security-"
            "Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
            "form-action "
            "'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
            "name=\"color-scheme\" "
            "content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>Fidelity of "
            "staging</title>\n"
            "<link rel=\"icon\" href=\"data:,\">\n<style>\n{}{}\n</style>\n</head>\n<body>\n",
            compare::kPageStyle, kMoreStyle);
        put("<header class=\"masthead\">\n<p class=\"product\">Understudy</p>\n<h1>Fidelity of staging</h1>\n<p "
            "class=\"quiet\">{}"
            "</p>\n</header>\n<main id=\"main\">\n",
            schema::utc_text(of_.taken));
    }

    void measure(const char* name, const std::string& value, const std::string& more) {
        put("<div class=\"measure\"><dt>{}</dt><dd><span class=\"value\">{}</span><span "
            "class=\"quiet\">{}</span></dd></div>\n",
            name, xml_text(value), xml_text(more));
    }

    /// Green is for a staging on which nothing that limits a verdict was found.
    [[nodiscard]] const char* tone() const {
        if (!of_.holds()) return "inconclusive";
        const bool limited = of_.comparison.count(DifferenceClass::warning) > 0 || !of_.reproduced ||
                             of_.reproduced->differing + of_.reproduced->unjudged > 0;
        return limited ? "limited" : "same";
    }

    void verdict() {
        put("<section class=\"verdict is-{}\" aria-labelledby=\"verdict\">\n<h2 id=\"verdict\">{}</h2>\n<ul "
            "class=\"reasons\">"
            "<li>{}</li></ul>\n<dl class=\"measures\">\n",
            tone(), of_.holds() ? "No gate differs" : "No fidelity", xml_text(fidelity::verdict_of(of_)));
        for (const ClassText& one : kClasses) {
            measure(one.title, count_text(of_.comparison.count(one.what)), "differences");
        }
        if (of_.reproduced) {
            measure("Reproduced", fmt::format("{:.1f} %", 100 * of_.reproduced->calls.value()),
                    fidelity::share_text(of_.reproduced->calls));
        }
        if (of_.capture) {
            measure("Capture quality", fmt::format("{:.3f} %", of_.capture->percent),
                    fmt::format("of {} exchanges", count_text(of_.capture->exchanges)));
        }
        put("</dl>\n");
        sides();
        put("</section>\n");
    }

    void sides() {
        put("<div class=\"remarks\"><ul>\n");
        for (const auto& [name, side] :
             {std::pair("Production", &of_.production), std::pair("Staging", &of_.staging)}) {
            put("<li>{}: database {}, PostgreSQL {}, schema {}, read {}</li>\n", name, xml_text(side->database),
                xml_text(side->version), xml_text(side->fingerprint.substr(0, 16)), schema::utc_text(side->taken));
        }
        if (of_.capture) {
            for (const Bytes& doubt : of_.capture->doubts) {
                put("<li>The capture's quality is at most that, because of {}</li>\n", xml_text(doubt));
            }
        }
        if (!of_.not_measured.empty()) put("<li>Reproduction was not measured: {}</li>\n", xml_text(of_.not_measured));
        for (const fidelity::Counted& one : of_.probe)
            put("<li>{}: {}</li>\n", xml_text(one.name), count_text(one.count));
        put("</ul></div>\n");
    }

    void open_section(const char* id, const std::string& title, const std::string& meaning) {
        put("<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n<p "
            "class=\"quiet\">{2}</p>\n",
            id, title, meaning);
    }

    void more(std::size_t all) {
        if (all > kMaxRows) put("<p class=\"quiet\">and {} more, in the JSON</p>\n", count_text(all - kMaxRows));
    }

    void row(const Difference& one) {
        put("<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", xml_text(one.attribute),
            xml_text(one.text), xml_text(one.production), xml_text(one.staging));
    }

    void table_of_differences() {
        put("<table class=\"listing\"><thead><tr><th scope=\"col\">attribute</th><th scope=\"col\">difference</th><th "
            "scope="
            "\"col\">production</th><th scope=\"col\">staging</th></tr></thead><tbody>\n");
    }

    void differences(const ClassText& of) {
        const std::size_t count = of_.comparison.count(of.what);
        if (count == 0) return;
        open_section(of.id, fmt::format("{} <span class=\"section-count\">{}</span>", of.title, count_text(count)),
                     of.meaning);
        table_of_differences();
        std::size_t shown = 0;
        for (const Difference& one : of_.comparison.differences) {
            if (one.what == of.what && shown++ < kMaxRows) row(one);
        }
        put("</tbody></table>\n");
        more(count);
        put("</section>\n");
    }

    void reproduction() {
        if (!of_.reproduced) return;
        const fidelity::Reproduced& found = *of_.reproduced;
        open_section("reproduction", "What staging reproduces",
                     "With nothing changed. What is not reproduced is not covered by any rehearsal here.");
        put("<ul class=\"reasons\"><li>calls: {}</li><li>calls that name a table: {}</li><li>fingerprints, every call "
            "of which "
            "is reproduced: {}</li><li>not covered: {} calls answered otherwise, {} left open by the recording, {} "
            "that nobody "
            "judged</li><li>ambiguous {:.2f} %, tainted {:.2f} %, generated values mapped {}, not mapped "
            "{}</li></ul>\n",
            fidelity::share_text(found.calls), fidelity::share_text(found.table_calls),
            fidelity::share_text(found.fingerprints), count_text(found.differing), count_text(found.open),
            count_text(found.unjudged), found.ambiguous_percent, found.tainted_percent, count_text(found.mapped_values),
            count_text(found.unmapped_values));
        if (!found.not_covered.empty()) {
            put("<table class=\"listing\"><thead><tr><th scope=\"col\">statement</th><th scope=\"col\">not "
                "reproduced</th><th "
                "scope=\"col\">calls</th><th scope=\"col\">first difference</th></tr></thead><tbody>\n");
            for (const fidelity::NotCovered& one : found.not_covered) {
                put("<tr><td class=\"statement\">{}</td><td class=\"number\">{}</td><td "
                    "class=\"number\">{}</td><td>{}</td></tr>\n",
                    xml_text(one.statement), count_text(one.calls - one.same), count_text(one.calls),
                    xml_text(one.why));
            }
            put("</tbody></table>\n");
        }
        put("</section>\n");
    }

    void migration() {
        if (!of_.migration_given) return;
        open_section("migration", "What the migration touches", "Which of it the recording asks for.");
        put("<table class=\"listing\"><thead><tr><th scope=\"col\">place</th><th scope=\"col\">statements</th><th "
            "scope=\"col\">calls"
            "</th><th scope=\"col\">reproduced</th></tr></thead><tbody>\n");
        for (const fidelity::MigrationPlace& one : of_.migration) {
            put("<tr><td class=\"name\">{}{}{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", xml_text(one.table),
                one.column.empty() ? "" : ".", xml_text(one.column),
                one.fingerprints == 0 ? "none: not covered" : count_text(one.fingerprints), count_text(one.calls),
                of_.reproduced ? count_text(one.same) : "not measured");
        }
        put("</tbody></table>\n</section>\n");
    }

    void not_known() {
        const auto& unknown = of_.comparison.not_known;
        if (unknown.empty()) return;
        open_section("unknown", "Not known", "Nothing is claimed of it.");
        put("<ul class=\"changes\">\n");
        for (std::size_t i = 0; i < unknown.size() && i < kMaxRows; ++i) {
            put("<li>{}: {}</li>\n", xml_text(unknown[i].what), xml_text(unknown[i].why));
        }
        put("</ul>\n");
        more(unknown.size());
        put("</section>\n");
    }

    void drift() {
        if (!of_.drift) return;
        open_section("drift", "Drift", fmt::format("Since the certificate of {}.", schema::utc_text(of_.drift->since)));
        for (const auto& [title, list] : {std::pair("New", &of_.drift->come), std::pair("Gone", &of_.drift->gone)}) {
            put("<h3>{} ({})</h3>\n", title, count_text(list->size()));
            table_of_differences();
            for (std::size_t i = 0; i < list->size() && i < kMaxRows; ++i) row((*list)[i]);
            put("</tbody></table>\n");
            more(list->size());
        }
        put("</section>\n");
    }

    const Certificate& of_;
    std::string out_;
};

}  // namespace

std::string fidelity_page(const Certificate& certificate) { return Page(certificate).make(); }

}  // namespace understudy::app

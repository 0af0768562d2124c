#include "capture/log/prefix_guess.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace understudy::capture {
namespace {

constexpr std::size_t kMaxLines = 4000;   // looked at
constexpr std::size_t kMaxSamples = 250;  // tried with each prefix
constexpr std::size_t kMaxDerived = 32;   // lines that a prefix is derived from
constexpr std::size_t kMaxPrefixText = 400;

constexpr std::array<const char*, 16> kKnown{
    "%m [%p] ",                                         // PostgreSQL's default
    "%m [%p] %q%u@%d ",                                 // Debian, Ubuntu
    "%t:%r:%u@%d:[%p]:",                                // Amazon RDS
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",         // Amazon RDS, the other choice
    "%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a",          // Amazon Aurora
    "%m [%p]: [%l-1] db=%d,user=%u ",                   // Google Cloud SQL
    "%t-%c-",                                           // Azure Database
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",  // pgBadger
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p] %q%u@%d ",
    "%t [%p] ",
    "%m [%p] %u@%d ",
    "pid=%p,user=%u,db=%d,app=%a,client=%h ",  // Heroku, Supabase and others
    "< %m > ",
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool ends_word(char c) { return BytesView(" @,;|[](){}<>=/\t").find(c) != BytesView::npos; }

struct Sample {
    BytesView line;
    BytesView prefix;  ///< what stands before the severity
};

/// The line's first severity, where a word begins.
std::size_t severity_place(BytesView line) {
    const BytesView head = line.substr(0, kMaxPrefixText);
    for (std::size_t at = 0; at < head.size(); ++at) {
        if ((at == 0 || !is_letter(head[at - 1])) && !severity_at(line.substr(at)).empty()) return at;
    }
    return BytesView::npos;
}

std::vector<Sample> samples_of(BytesView text) {
    std::vector<Sample> samples;
    while (!text.empty() && samples.size() < kMaxLines) {
        const std::size_t end = text.find('\n');
        if (end == BytesView::npos && !samples.empty()) break;  // cut
        const BytesView line = text.substr(0, end);
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.starts_with('\t')) continue;
        const std::size_t severity = severity_place(line);
        if (severity != BytesView::npos) samples.push_back({line, line.substr(0, severity)});
    }
    if (samples.size() <= kMaxSamples) return samples;
    std::vector<Sample> some;
    const std::size_t every = samples.size() / kMaxSamples + 1;
    for (std::size_t i = 0; i < samples.size(); i += every) some.push_back(samples[i]);
    return some;
}

/// The escape that a label such as "user=" announces; 0 when it is none that people use.
char labelled_escape(BytesView label, BytesView value) {
    constexpr std::array<std::pair<BytesView, char>, 24> kLabels{{
        {"user", 'u'},     {"usr", 'u'},      {"u", 'u'},           {"db", 'd'},
        {"database", 'd'}, {"dbname", 'd'},   {"d", 'd'},           {"app", 'a'},
        {"a", 'a'},        {"appname", 'a'},  {"application", 'a'}, {"application_name", 'a'},
        {"pid", 'p'},      {"p", 'p'},        {"session", 'c'},     {"sid", 'c'},
        {"line", 'l'},     {"xid", 'x'},      {"txid", 'x'},        {"vxid", 'v'},
        {"state", 'e'},    {"sqlstate", 'e'}, {"query_id", 'Q'},    {"cmd", 'i'},
    }};
    for (const BytesView client : {"client", "host", "remote", "h", "r"}) {
        if (label == client) return value.find('(') != BytesView::npos ? 'r' : 'h';
    }
    const auto* found =
        std::find_if(kLabels.begin(), kLabels.end(), [&](const auto& each) { return each.first == label; });
    return found == kLabels.end() ? '\0' : found->second;
}

/// Writes the setting that may have made one line's prefix.
class Derivation {
public:
    Derivation(BytesView text, bool words_vary) : text_(text), words_vary_(words_vary) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (!time() && !session() && !client() && !number() && !word()) literal(1);
        }
        return setting_;
    }

private:
    bool used(char escape) const { return used_.count(escape) > 0; }
    bool escape(char letter, std::size_t length) {
        used_.insert(letter);
        setting_ += '%';
        setting_ += letter;
        at_ = std::min(at_ + length, text_.size());  // what should close it may be missing
        return true;
    }
    void literal(std::size_t length) {
        for (std::size_t i = 0; i < length; ++i, ++at_)
            setting_ += text_[at_] == '%' ? "%%" : std::string(1, text_[at_]);
    }
    [[nodiscard]] BytesView rest() const { return text_.substr(at_); }
    [[nodiscard]] bool at_word_start() const {
        return at_ == 0 || !(is_digit(text_[at_ - 1]) || is_letter(text_[at_ - 1]));
    }
    std::size_t digits(std::size_t from) const {
        std::size_t end = from;
        while (end < text_.size() && is_digit(text_[end])) ++end;
        return end - from;
    }

    bool time() {
        const std::size_t length = log_time_length(rest());
        if (length == 0) return false;
        if (used('m') || used('t') || used('n')) return escape('s', length);
        return escape(rest().substr(0, length).find('.') == BytesView::npos ? 't' : 'm', length);
    }
    bool session() {
        if (!at_word_start()) return false;
        const std::size_t dot = rest().find('.');
        if (dot == BytesView::npos || dot != 8) return false;
        const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
        if (!std::all_of(rest().begin(), rest().begin() + 8, is_hex)) return false;
        std::size_t end = at_ + 9;
        while (end < text_.size() && is_hex(text_[end])) ++end;
        return end > at_ + 9 && escape('c', end - at_);
    }
    bool client() {
        if (rest().starts_with("[local]")) return escape('r', 7);
        if (!is_digit(rest()[0]) || !at_word_start()) return false;
        std::size_t end = at_;
        std::size_t dots = 0;
        for (; end < text_.size() && (is_digit(text_[end]) || text_[end] == '.'); ++end) {
            if (text_[end] == '.') ++dots;
        }
        if (dots != 3) return false;
        if (end < text_.size() && text_[end] == '(') return escape('r', end + 1 + digits(end + 1) + 1 - at_);
        return escape('h', end - at_);
    }
    bool number() {
        const std::size_t length = digits(at_);
        if (length == 0 || !at_word_start()) return false;
        const std::size_t after = at_ + length;
        if (after < text_.size() && text_[after] == '/') return escape('v', length + 1 + digits(after + 1));
        if (length == 5 && rest().substr(0, 5) == "00000") return escape('e', 5);
        if (length == 10 && after < text_.size() && text_[after] == '.' && !used('m') && !used('t')) {
            return escape('n', length + 1 + digits(after + 1));
        }
        if (after < text_.size() && is_letter(text_[after])) return false;
        // In "[12-1]" the second number is a literal that syslog users write.
        if (at_ > 1 && text_[at_ - 1] == '-' && is_digit(text_[at_ - 2]) && rest().starts_with("1]")) return false;
        if (!used('p') && !used('c')) return escape('p', length);
        if (!used('l')) return escape('l', length);
        return !used('x') && escape('x', length);
    }
    bool word() {
        std::size_t end = at_;
        if (rest().starts_with("[unknown]")) {
            end = at_ + 9;
        } else if (is_letter(text_[at_])) {
            while (end < text_.size() && !ends_word(text_[end])) ++end;
        }
        if (end == at_) return false;
        const BytesView found = text_.substr(at_, end - at_);
        if (end < text_.size() && text_[end] == '=') return label(found, end + 1);
        if (end < text_.size() && text_[end] == '@' && !used('u')) return escape('u', found.size());
        if (at_ > 0 && text_[at_ - 1] == '@' && used('u') && !used('d')) {
            const std::size_t length = found.ends_with(':') ? found.size() - 1 : found.size();
            return escape('d', length);
        }
        if (words_vary_ && !used('a') && (is_letter(found[0]) || found[0] == '[')) return escape('a', words_length());
        literal(found.size());
        return true;
    }
    /// Of a name of several words: "my app", but not "my user=".
    [[nodiscard]] std::size_t words_length() const {
        std::size_t end = at_;
        while (true) {
            std::size_t next = rest().substr(end - at_).starts_with("[unknown]") ? end + 9 : end;
            while (next < text_.size() && !ends_word(text_[next])) ++next;
            if (next < text_.size() && (text_[next] == '=' || text_[next] == '@') && end > at_) return end - 1 - at_;
            end = next;
            if (end + 1 >= text_.size() || text_[end] != ' ' || !is_letter(text_[end + 1])) return end - at_;
            ++end;
        }
    }
    bool label(BytesView name, std::size_t value_at) {
        std::size_t end = value_at;
        if (text_.substr(value_at).starts_with("[unknown]") || text_.substr(value_at).starts_with("[local]")) {
            end = text_.find(']', value_at) + 1;
        }
        while (end < text_.size() && BytesView(" ,;|]>)").find(text_[end]) == BytesView::npos) {
            if (text_[end] == '(') end = std::min(text_.find(')', end), text_.size() - 1);
            ++end;
        }
        const char letter = labelled_escape(name, text_.substr(value_at, end - value_at));
        literal(value_at - at_);
        if (letter == '\0' || used(letter)) return true;
        return escape(letter, end - value_at);
    }

    BytesView text_;
    bool words_vary_;
    std::size_t at_ = 0;
    std::set<char> used_;
    std::string setting_;
};

/// The setting itself, and with a %q before each of its escapes but the first.
std::vector<std::string> with_stop(const std::string& setting) {
    std::vector<std::string> variants{setting};
    for (std::size_t at = 1; at + 1 < setting.size(); ++at) {
        if (setting[at] != '%' || setting[at - 1] == '%' || setting[at + 1] == '%') continue;
        variants.push_back(setting.substr(0, at) + "%q" + setting.substr(at));
    }
    return variants;
}

/// How well a prefix reads the samples: two points a line, one where a name swallowed what is hardly a name.
std::size_t score(const LinePrefix& prefix, const std::vector<Sample>& samples, std::size_t& matched) {
    std::size_t points = 0;
    matched = 0;
    LogClock clock;
    const auto odd = [](BytesView name, BytesView marks) {
        return name != "[unknown]" && name.find_first_of(marks) != BytesView::npos;
    };
    for (const Sample& sample : samples) {
        LogEntry entry;
        LinePrefix::Match match;
        if (!prefix.match(sample.line, clock, entry, match) || match.length != sample.prefix.size()) continue;
        ++matched;
        const bool swallowed =
            odd(entry.user, " ([,:=") || odd(entry.database, " ([,:=") || odd(entry.application, "(@=");
        points += swallowed ? 1 : 2;
    }
    return points;
}

}  // namespace

std::optional<PrefixGuess> guess_line_prefix(BytesView beginning) {
    const std::vector<Sample> samples = samples_of(beginning);
    if (samples.empty()) return std::nullopt;
    std::vector<std::string> settings(kKnown.begin(), kKnown.end());
    std::vector<Sample> longest = samples;  // those of sessions say more than the server's own
    std::stable_sort(longest.begin(), longest.end(),
                     [](const Sample& a, const Sample& b) { return a.prefix.size() > b.prefix.size(); });
    for (const bool words_vary : {false, true}) {
        // Of all lengths: the longest may hold an unusual name, the shortest may lack escapes.
        const std::size_t every = longest.size() / kMaxDerived + 1;
        for (std::size_t i = 0; i < longest.size(); i += every) {
            const Sample& sample = longest[i];
            for (std::string& variant : with_stop(Derivation(sample.prefix, words_vary).run())) {
                if (std::find(settings.begin(), settings.end(), variant) == settings.end()) {
                    settings.push_back(std::move(variant));
                }
            }
        }
    }
    std::optional<PrefixGuess> best;
    std::size_t best_points = 0;
    for (const std::string& setting : settings) {
        auto prefix = LinePrefix::compile(setting);
        if (!prefix) continue;
        std::size_t matched = 0;
        const std::size_t points = score(*prefix, samples, matched);
        if (points <= best_points) continue;
        best_points = points;
        best = PrefixGuess{std::move(*prefix), samples.size(), matched};
    }
    if (!best || best->matched * 2 < best->lines) return std::nullopt;
    return best;
}

}  // namespace understudy::capture

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::schema::fidelity {

/// Reads members of a JSON object, each at most of a stated length; remembers whether one was missing or of another
/// kind.
class JsonMembers {
public:
    using Json = nlohmann::json;
    static constexpr std::size_t kMaxText = std::size_t{1} << 20U;

    explicit JsonMembers(const Json& object) : object_(object), ok_(object.is_object()) {}

    Bytes text(const char* name);
    double number(const char* name);  ///< finite
    /// A whole number of at least 0.
    std::uint64_t count(const char* name);
    int integer(const char* name);
    std::optional<int> integer_or_nothing(const char* name);  ///< null counts as nothing
    bool truth(const char* name);
    std::vector<Bytes> texts(const char* name, std::size_t most);
    std::vector<double> numbers(const char* name, std::size_t most);
    /// The elements of an array, which may be read in turn; nullptr when it is none, or longer.
    const Json* list(const char* name, std::size_t most);
    [[nodiscard]] bool ok() const { return ok_; }
    void fail() { ok_ = false; }

private:
    const Json* member(const char* name);
    const Json& object_;
    bool ok_;
};

/// Reads a list of objects: `read` turns the members of each into an entry.
template <class Entry, class Read>
void read_list(JsonMembers& from, const char* name, std::size_t most, std::vector<Entry>& to, Read read) {
    const auto* list = from.list(name, most);
    if (list == nullptr) return;
    to.reserve(list->size());
    for (const auto& element : *list) {
        JsonMembers members(element);
        to.push_back(read(members));
        if (members.ok()) continue;
        from.fail();
        return;
    }
}

/// Writes JSON as one object, a list entry a line. Texts that are no UTF-8 are written as core/catalog's
/// put_json_text() does.
class JsonText {
public:
    void begin() { open('{'); }
    void begin(const char* name) { key(name), open('{'); }
    void end();
    void begin_list(const char* name) { key(name), open('['); }
    void end_list();
    void begin_entry() { comma(), out_ += "\n", open('{'); }
    void text(const char* name, BytesView value);
    void number(const char* name, double value);
    void integer(const char* name, std::int64_t value);
    void count(const char* name, std::uint64_t value);
    void truth(const char* name, bool value);
    void nothing(const char* name) { key(name), out_ += "null"; }
    void texts(const char* name, const std::vector<Bytes>& values);
    void numbers(const char* name, const std::vector<double>& values);
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void open(char bracket) { out_ += bracket, first_ = true; }
    void comma();
    void key(const char* name);
    std::string out_;
    bool first_ = true;
};

}  // namespace understudy::schema::fidelity

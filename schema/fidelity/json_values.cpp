#include "schema/fidelity/json_values.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "core/base/error.hpp"
#include "core/catalog/snapshot/json_text.hpp"

namespace understudy::schema::fidelity {

const JsonMembers::Json* JsonMembers::member(const char* name) {
    if (!ok_) return nullptr;
    const auto found = object_.find(name);
    ok_ = found != object_.end();
    return ok_ ? &*found : nullptr;
}

Bytes JsonMembers::text(const char* name) {
    const Json* value = member(name);
    if (value == nullptr || !value->is_string()) return fail(), Bytes();
    const auto& string = value->get_ref<const std::string&>();
    auto bytes = string.size() <= kMaxText ? catalog::from_json_text(string) : std::nullopt;
    if (!bytes) return fail(), Bytes();
    return std::move(*bytes);
}

double JsonMembers::number(const char* name) {
    const Json* value = member(name);
    if (value == nullptr || !value->is_number() || !std::isfinite(value->get<double>())) return fail(), 0;
    return value->get<double>();
}

std::uint64_t JsonMembers::count(const char* name) {
    const Json* value = member(name);
    if (value == nullptr || !value->is_number_unsigned()) return fail(), 0;
    return value->get<std::uint64_t>();
}

int JsonMembers::integer(const char* name) {
    const auto value = integer_or_nothing(name);
    if (!value) fail();
    return value.value_or(0);
}

std::optional<int> JsonMembers::integer_or_nothing(const char* name) {
    constexpr std::int64_t kMost = 1'000'000'000;
    const Json* value = member(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_number_integer() || std::abs(value->get<double>()) > static_cast<double>(kMost)) {
        return fail(), std::nullopt;
    }
    return value->get<int>();
}

bool JsonMembers::truth(const char* name) {
    const Json* value = member(name);
    if (value == nullptr || !value->is_boolean()) return fail(), false;
    return value->get<bool>();
}

const JsonMembers::Json* JsonMembers::list(const char* name, std::size_t most) {
    const Json* value = member(name);
    if (value == nullptr || !value->is_array() || value->size() > most) return fail(), nullptr;
    return value;
}

std::vector<Bytes> JsonMembers::texts(const char* name, std::size_t most) {
    std::vector<Bytes> result;
    const Json* values = list(name, most);
    if (values == nullptr) return result;
    for (const Json& value : *values) {
        auto bytes = value.is_string() && value.get_ref<const std::string&>().size() <= kMaxText
                         ? catalog::from_json_text(value.get<std::string>())
                         : std::nullopt;
        if (!bytes) return fail(), result;
        result.push_back(std::move(*bytes));
    }
    return result;
}

std::vector<double> JsonMembers::numbers(const char* name, std::size_t most) {
    std::vector<double> result;
    const Json* values = list(name, most);
    if (values == nullptr) return result;
    for (const Json& value : *values) {
        if (!value.is_number() || !std::isfinite(value.get<double>())) return fail(), result;
        result.push_back(value.get<double>());
    }
    return result;
}

void JsonText::comma() {
    if (!first_) out_ += ", ";
    first_ = false;
}

void JsonText::key(const char* name) {
    comma();
    catalog::put_json_text(out_, name);
    out_ += ": ";
}

void JsonText::end() {
    out_ += '}';
    first_ = false;
}

void JsonText::end_list() {
    out_ += first_ ? "]" : "\n]";
    first_ = false;
}

void JsonText::text(const char* name, BytesView value) {
    key(name);
    catalog::put_json_text(out_, value);
}

void JsonText::number(const char* name, double value) {
    UNDERSTUDY_ASSERT(std::isfinite(value));
    key(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonText::integer(const char* name, std::int64_t value) {
    key(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonText::count(const char* name, std::uint64_t value) {
    key(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonText::truth(const char* name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
}

void JsonText::texts(const char* name, const std::vector<Bytes>& values) {
    key(name);
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out_ += ", ";
        catalog::put_json_text(out_, values[i]);
    }
    out_ += ']';
}

void JsonText::numbers(const char* name, const std::vector<double>& values) {
    key(name);
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        UNDERSTUDY_ASSERT(std::isfinite(values[i]));
        fmt::format_to(std::back_inserter(out_), "{}{}", i > 0 ? ", " : "", values[i]);
    }
    out_ += ']';
}

}  // namespace understudy::schema::fidelity

#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/strong_id.hpp"
#include "core/base/time.hpp"

namespace understudy::compare {

// One list of fields for writing and reading: `fields(archive, value)` names the members of a struct to either archive.

/// Bytes as a JSON string, one code point a byte: any bytes survive, and text of ASCII stays readable.
inline std::string text_of_bytes(BytesView bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text.push_back(c);
        } else {
            text.push_back(static_cast<char>(0xC0U | (byte >> 6U)));
            text.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
        }
    }
    return text;
}
/// The bytes; nothing where a code point is none.
inline std::optional<Bytes> bytes_of_text(std::string_view text) {
    Bytes bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            bytes.push_back(text[i]);
            continue;
        }
        if ((byte != 0xC2 && byte != 0xC3) || i + 1 == text.size()) return std::nullopt;
        bytes.push_back(static_cast<char>(((byte & 0x03U) << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU)));
    }
    return bytes;
}

/// Writes a value.
class JsonWriter {
public:
    using Json = nlohmann::json;
    template <class T>
    void operator()(const char* name, const T& value) {
        json_[name] = write(value);
    }
    template <class T>
    static Json write(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            return static_cast<std::uint64_t>(value);
        } else if constexpr (std::is_arithmetic_v<T>) {
            return value;
        } else {
            return write_other(value);
        }
    }

private:
    static Json write_other(const Bytes& value) { return text_of_bytes(value); }
    static Json write_other(const Timestamp& value) { return value.ns(); }
    static Json write_other(const Duration& value) { return value.count_ns(); }
    template <class Rep, class Tag>
    static Json write_other(const StrongId<Rep, Tag>& value) {
        return value.value();
    }
    template <class T>
    static Json write_other(const std::optional<T>& value) {
        return value ? Json::array({write(*value)}) : Json();
    }
    template <class T>
    static Json list(const T& values) {
        Json json = Json::array();
        for (const auto& value : values) json.push_back(write(value));
        return json;
    }
    template <class T>
    static Json write_other(const std::vector<T>& values) {
        return list(values);
    }
    template <class T>
    static Json write_other(const std::set<T>& values) {
        return list(values);
    }
    template <class K, class V>
    static Json write_other(const std::map<K, V>& values) {
        Json json = Json::array();
        for (const auto& [key, value] : values) json.push_back(Json::array({write(key), write(value)}));
        return json;
    }
    template <class T>
    static Json write_other(const T& value) {
        JsonWriter inner;
        fields(inner, const_cast<T&>(value));  // the list of fields is shared with the reader, which changes them
        return std::move(inner.json_);
    }
    Json json_ = Json::object();
};

/// Reads what JsonWriter wrote. What does not fit leaves its value as it was, and ok() false.
class JsonReader {
public:
    using Json = nlohmann::json;
    explicit JsonReader(const Json& json, bool& ok) : json_(json), ok_(ok) {}

    template <class T>
    void operator()(const char* name, T& value) {
        const auto found = json_.is_object() ? json_.find(name) : json_.end();
        if (!json_.is_object() || found == json_.end()) {
            ok_ = false;
            return;
        }
        read(*found, value);
    }
    template <class T>
    void read(const Json& json, T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            if (expect(json.is_boolean())) value = json.get<bool>();
        } else if constexpr (std::is_enum_v<T>) {
            // Whoever owns the enum checks its range: fields() of its struct.
            if (expect(json.is_number_unsigned() && json.get<std::uint64_t>() < 256))
                value = static_cast<T>(json.get<std::uint8_t>());
        } else if constexpr (std::is_floating_point_v<T>) {
            if (expect(json.is_number())) value = json.get<T>();
        } else if constexpr (std::is_integral_v<T>) {
            read_integer(json, value);
        } else {
            read_other(json, value);
        }
    }
    /// Marks what was read as wrong.
    void require(bool condition) { ok_ = ok_ && condition; }

private:
    bool expect(bool condition) {
        ok_ = ok_ && condition;
        return condition;
    }
    template <class T>
    void read_integer(const Json& json, T& value) {
        if constexpr (std::is_signed_v<T>) {
            if (!expect(json.is_number_integer())) return;
            const bool too_large =
                json.is_number_unsigned() &&
                json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<T>::max());
            const auto number = json.get<std::int64_t>();
            if (expect(!too_large && number >= std::numeric_limits<T>::min() &&
                       number <= std::numeric_limits<T>::max())) {
                value = static_cast<T>(number);
            }
        } else {
            if (!expect(json.is_number_unsigned())) return;
            const auto number = json.get<std::uint64_t>();
            if (expect(number <= std::numeric_limits<T>::max())) value = static_cast<T>(number);
        }
    }
    void read_other(const Json& json, Bytes& value) {
        if (!expect(json.is_string())) return;
        auto bytes = bytes_of_text(json.get_ref<const std::string&>());
        if (expect(bytes.has_value())) value = std::move(*bytes);
    }
    void read_other(const Json& json, Timestamp& value) {
        std::int64_t ns = 0;
        read(json, ns);
        value = Timestamp::from_ns(ns);
    }
    void read_other(const Json& json, Duration& value) {
        std::int64_t ns = 0;
        read(json, ns);
        value = Duration::nanoseconds(ns);
    }
    template <class Rep, class Tag>
    void read_other(const Json& json, StrongId<Rep, Tag>& value) {
        Rep number{};
        read(json, number);
        value = StrongId<Rep, Tag>(number);
    }
    template <class T>
    void read_other(const Json& json, std::optional<T>& value) {
        value.reset();
        if (json.is_null() || !expect(json.is_array() && json.size() == 1)) return;
        read(json.front(), value.emplace());
    }
    template <class T>
    void read_other(const Json& json, std::vector<T>& values) {
        values.clear();
        if (!expect(json.is_array())) return;
        for (const Json& one : json) {
            T value{};
            read(one, value);
            values.push_back(std::move(value));
        }
    }
    template <class T>
    void read_other(const Json& json, std::set<T>& values) {
        std::vector<T> list;
        read_other(json, list);
        values = std::set<T>(list.begin(), list.end());
    }
    template <class K, class V>
    void read_other(const Json& json, std::map<K, V>& values) {
        values.clear();
        if (!expect(json.is_array())) return;
        for (const Json& pair : json) {
            if (!expect(pair.is_array() && pair.size() == 2)) return;
            K key{};
            read(pair[0], key);
            read(pair[1], values[std::move(key)]);
        }
    }
    template <class T>
    void read_other(const Json& json, T& value) {
        JsonReader inner(json, ok_);
        fields(inner, value);
    }
    const Json& json_;
    bool& ok_;
};

}  // namespace understudy::compare

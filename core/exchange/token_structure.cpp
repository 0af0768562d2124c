#include <nlohmann/json.hpp>

#include "core/exchange/token_forms.hpp"

namespace understudy::token_forms {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxDepth = 200;

/// An upper bound of the nesting of json or an array, from its brackets.
std::size_t depth_of(BytesView text) {
    std::size_t depth = 0;
    std::size_t most = 0;
    for (const char c : text) {
        if (c == '{' || c == '[') most = std::max(most, ++depth);
        if ((c == '}' || c == ']') && depth > 0) --depth;
    }
    return most;
}

void replace_leaves(const KeyedChoice& choice, Json& node) {
    if (node.is_structured()) {
        for (auto& [name, element] : node.items()) replace_leaves(choice, element);
    } else if (node.is_string()) {
        node = any(choice, node.get_ref<const std::string&>());
    } else if (node.is_number()) {
        Json token = Json::parse(any(choice, node.dump()), nullptr, false);
        node = token.is_number() ? std::move(token) : Json(0);
    }
}

std::optional<Bytes> json(const KeyedChoice& choice, BytesView text) {
    Json document = Json::parse(text, nullptr, false);
    if (document.is_discarded()) return std::nullopt;
    replace_leaves(choice, document);
    return document.dump();
}

void append_element(BytesView value, Bytes& out) {
    if (!value.empty() && value.find_first_of("{}\",\\ \t\n\r\v\f") == BytesView::npos) {
        out.append(value);
        return;
    }
    out.push_back('"');
    for (const char c : value) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

bool is_null_word(BytesView word) {
    return word.size() == 4 && (word[0] | 0x20) == 'n' && (word[1] | 0x20) == 'u' && (word[2] | 0x20) == 'l' &&
           (word[3] | 0x20) == 'l';
}

/// PostgreSQL docs, "Array Input and Output Syntax"; without the bounds of a dimension in front.
std::optional<Bytes> array(const KeyedChoice& choice, BytesView text) {
    Bytes out;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '{' || c == '}' || c == ',' || c == ' ') {
            if (c != ' ') out.push_back(c);
            ++at;
            continue;
        }
        const bool quoted = c == '"';
        Bytes element;
        for (at += quoted ? 1 : 0; at < text.size(); ++at) {
            if (text[at] == '\\' && at + 1 < text.size()) {
                element.push_back(text[++at]);
            } else if (quoted ? text[at] == '"' : BytesView("{},\"").find(text[at]) != BytesView::npos) {
                break;
            } else {
                element.push_back(text[at]);
            }
        }
        if (quoted && at++ >= text.size()) return std::nullopt;
        if (!quoted && at < text.size() && text[at] != ',' && text[at] != '}') return std::nullopt;
        if (!quoted && is_null_word(element)) {
            out.append(element);
        } else {
            append_element(any(choice, element), out);
        }
    }
    return out;
}

}  // namespace

std::optional<Bytes> structure(const KeyedChoice& choice, BytesView text) {
    const bool object = text.starts_with('{') && text.ends_with('}');
    const bool list = (text.starts_with('[') && text.ends_with(']')) || (text.starts_with('"') && text.ends_with('"'));
    if ((!object && !list) || depth_of(text) > kMaxDepth) return std::nullopt;
    if (auto token = json(choice, text)) return token;
    return object ? array(choice, text) : std::nullopt;
}

}  // namespace understudy::token_forms

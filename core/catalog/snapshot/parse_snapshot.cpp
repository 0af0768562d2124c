#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/catalog/snapshot/json_text.hpp"
#include "core/catalog/snapshot/read_snapshot.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"

namespace understudy::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxProperties = 64;     ///< of one object
constexpr std::size_t kMaxItems = 20'000'000;  ///< of all lists together

/// Takes the file's values as they come. Each callback returns false to end the reading, with error() set.
class Handler final : public Json::json_sax_t {
public:
    bool null() override { return wrong("a null"); }
    bool boolean(bool) override { return wrong("a truth value"); }
    bool number_integer(Json::number_integer_t) override { return wrong("a negative number"); }
    bool number_float(Json::number_float_t, const std::string&) override { return wrong("a fraction"); }
    bool binary(Json::binary_t&) override { return wrong("binary data"); }

    bool number_unsigned(Json::number_unsigned_t value) override {
        if (at_ != At::file || value > 1'000'000'000) return wrong("a number");
        if (key_ == "understudy_snapshot") {
            if (value > kSnapshotFormat) {
                return refuse(Errc::unsupported,
                              fmt::format("it is a snapshot of format {}, and this program knows up to {}: use "
                                          "a newer understudy",
                                          value, kSnapshotFormat));
            }
            format_seen_ = value == kSnapshotFormat;
        } else if (key_ == "server_version") {
            snapshot_.server_version = static_cast<int>(value);
        } else {
            return wrong("a number");
        }
        return true;
    }
    bool string(std::string& value) override {
        auto bytes = from_json_text(std::move(value));
        if (!bytes) return wrong("a zero character");
        switch (at_) {
            case At::file: return file_text(std::move(*bytes));
            case At::unread: return unread_text(std::move(*bytes));
            case At::object: return identity_text(std::move(*bytes));
            case At::properties: return add_property(std::move(*bytes));
            case At::list:
                if (++items_ > kMaxItems) return refuse(Errc::limit, "its lists are too long");
                std::get<PropertyList>(into_->back().properties.back().value).push_back(std::move(*bytes));
                return true;
            default: return wrong("a string");
        }
    }
    bool key(std::string& value) override {
        auto bytes = from_json_text(std::move(value));
        if (!bytes) return wrong("a zero character");
        key_ = std::move(*bytes);
        return true;
    }
    bool start_object(std::size_t) override {
        switch (at_) {
            case At::start: at_ = At::file; return true;
            case At::unread_list:
                at_ = At::unread;
                snapshot_.unread.emplace_back();
                return true;
            case At::object_list:
                if (into_->size() >= kMaxSnapshotObjects) return refuse(Errc::limit, "it has too many objects");
                at_ = At::object;
                into_->emplace_back();
                return true;
            case At::object:
                if (key_ != "properties") return wrong("an object");
                at_ = At::properties;
                return true;
            default: return wrong("an object");
        }
    }
    bool end_object() override {
        switch (at_) {
            case At::file: at_ = At::end; return true;
            case At::unread: at_ = At::unread_list; return true;
            case At::properties: at_ = At::object; return true;
            default:
                at_ = At::object_list;
                return !into_->back().identity.kind.empty() || wrong("an object without a kind");
        }
    }
    bool start_array(std::size_t) override {
        if (at_ == At::file && (key_ == "objects" || key_ == "unread" || key_ == "roles")) {
            into_ = key_ == "roles" ? &snapshot_.roles : &snapshot_.objects;
            at_ = key_ == "unread" ? At::unread_list : At::object_list;
            return true;
        }
        if (at_ != At::properties) return wrong("an array");
        at_ = At::list;
        return add_property(PropertyList());
    }
    bool end_array() override {
        at_ = at_ == At::list ? At::properties : At::file;
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        return refuse(Errc::malformed, fmt::format("it is no JSON at byte {}", position));
    }

    Result<Snapshot> take() {
        if (error_) return *error_;
        if (!format_seen_) return make_error(Errc::malformed, "it does not say that it is a snapshot of a schema");
        const std::size_t objects = snapshot_.objects.size();
        snapshot_.sort();
        if (snapshot_.objects.size() != objects) return make_error(Errc::malformed, "it has an object twice");
        if (fingerprint_ && *fingerprint_ != fingerprint(snapshot_)) {
            return make_error(Errc::malformed,
                              "it was changed after it was written: its fingerprint does not fit; take the "
                              "snapshot again");
        }
        return std::move(snapshot_);
    }

private:
    enum class At { start, file, unread_list, unread, object_list, object, properties, list, end };

    bool file_text(Bytes&& value) {
        if (key_ == "database") {
            snapshot_.database = std::move(value);
        } else if (key_ == "fingerprint") {
            fingerprint_ = std::move(value);
        } else {
            return wrong("a string");
        }
        return true;
    }
    bool unread_text(Bytes&& value) {
        UnreadPart& part = snapshot_.unread.back();
        if (key_ != "what" && key_ != "why") return wrong("a string");
        (key_ == "what" ? part.what : part.why) = std::move(value);
        return true;
    }
    bool identity_text(Bytes&& value) {
        ObjectIdentity& identity = into_->back().identity;
        Bytes* part = key_ == "kind"       ? &identity.kind
                      : key_ == "schema"   ? &identity.schema
                      : key_ == "relation" ? &identity.relation
                      : key_ == "name"     ? &identity.name
                                           : nullptr;
        if (part == nullptr) return wrong("a string");
        *part = std::move(value);
        return true;
    }
    bool add_property(std::variant<Bytes, PropertyList>&& value) {
        auto& properties = into_->back().properties;
        if (properties.size() >= kMaxProperties) return refuse(Errc::limit, "an object has too many properties");
        const bool twice =
            std::any_of(properties.begin(), properties.end(), [&](const Property& one) { return one.name == key_; });
        if (twice) return wrong("a property twice");
        properties.push_back({key_, std::move(value)});
        return true;
    }
    bool wrong(std::string_view what) {
        return refuse(Errc::malformed, fmt::format("it is no snapshot of a schema: {} where none belongs", what));
    }
    bool refuse(Errc code, std::string message) {
        if (!error_) error_ = make_error(code, std::move(message));
        return false;
    }

    At at_ = At::start;
    Bytes key_;
    Snapshot snapshot_;
    std::vector<SchemaObject>* into_ = &snapshot_.objects;  // the list that is being read
    std::optional<Bytes> fingerprint_;
    std::optional<Error> error_;
    std::size_t items_ = 0;
    bool format_seen_ = false;
};

}  // namespace

Result<Snapshot> parse_snapshot(BytesView json) {
    if (json.size() > kMaxSnapshotBytes) {
        return make_error(Errc::limit, fmt::format("it is longer than {} MiB", kMaxSnapshotBytes >> 20U));
    }
    Handler handler;
    Json::sax_parse(json.begin(), json.end(), &handler);
    return handler.take();
}

}  // namespace understudy::catalog

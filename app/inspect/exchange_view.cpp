#include "app/inspect/exchange_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "app/inspect/follower.hpp"
#include "app/inspect/step_filter.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kMaxSql = 200;

std::string after(Timestamp begin, Timestamp time) {
    return time.known() ? fmt::format("+{:.3f}", elapsed(begin, time).to_milliseconds()) : "-";
}

std::vector<std::uint32_t> types_of(BytesView bytes) {
    std::vector<std::uint32_t> types;
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
        std::uint32_t type = 0;
        for (const char c : bytes.substr(i, 4)) type = (type << 8U) | static_cast<std::uint8_t>(c);
        types.push_back(type);
    }
    return types;
}

}  // namespace

Result<ExchangeId> parse_exchange(const std::string& text) {
    const std::size_t colon = text.find(':');
    std::uint32_t ordinal = 0;
    const char* end = text.data() + text.size();
    bool number = colon != std::string::npos;
    if (number) {
        const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, ordinal);
        number = error == std::errc() && rest == end;
    }
    if (!number) {
        return make_error(Errc::usage, fmt::format("'{}' is not an exchange; write SESSION:ORDINAL, as inspect --what "
                                                   "exchanges lists them",
                                                   text));
    }
    UNDERSTUDY_TRY(const SessionId session, parse_session(text.substr(0, colon)));
    return ExchangeId{session, Ordinal(ordinal)};
}

void ExchangeView::on_event(const Event& event) {
    if (store::event_session(event) != wanted_.session) return;
    const auto* request = std::get_if<Request>(&event);
    if (request != nullptr && request->ordinal == wanted_.ordinal) {
        if (!begin_.known()) {
            if (const auto state = states_.state_of(wanted_.session)) {
                identity_ = state->identity;
                for (const PreparedStatement& statement : state->statements) statements_[statement.name] = statement;
            }
        }
        on(*request);
    }
    const auto* response = std::get_if<Response>(&event);
    if (response != nullptr && response->ordinal == wanted_.ordinal) on(*response);
    states_.on_event(event);
}

void ExchangeView::on(const Request& event) {
    found_ = true;
    if (!begin_.known()) begin_ = event.time;
    next_step_ = std::max<std::uint64_t>(next_step_, event.step.value());
    BytesView rest = event.frames;
    ScannedFrame frame;
    while (scanner_.next(rest, frame)) {
        Entry entry;
        entry.from_client = true;
        entry.time = event.time;
        entry.is_step = step_kind_of(frame.tag) != StepKind::unknown;
        if (entry.is_step) entry.step = static_cast<std::uint32_t>(next_step_++);
        std::vector<std::uint32_t> types;
        MessageItem known;
        look_up(frame, known, types);
        entry.item = item_of(frame, types);
        for (auto& field : known.fields) entry.item.fields.push_back(std::move(field));
        add(std::move(entry));
    }
}

/// What a Bind refers to; takes note of what a Parse prepares.
void ExchangeView::look_up(const ScannedFrame& frame, MessageItem& item, std::vector<std::uint32_t>& types) {
    if (const auto parse = pgwire::view_parse(frame.body); frame.tag == 'P' && parse) {
        const Bytes name(parse->statement);
        statements_[name] = {name, Bytes(parse->sql), types_of(parse->parameter_types)};
        return;
    }
    const auto bind = pgwire::view_bind(frame.body);
    if (frame.tag != 'B' || !bind) return;
    const auto found = statements_.find(Bytes(bind->statement));
    if (found == statements_.end()) {
        item.fields.emplace_back("prepared as", "unknown: not seen");
        return;
    }
    types = found->second.parameter_types;
    item.fields.emplace_back("prepared as", printable(found->second.sql, kMaxSql));
}

void ExchangeView::on(const Response& event) {
    found_ = true;
    std::uint32_t step = event.first_step.value();
    for (const StepResult& result : event.results) {
        Entry entry;
        entry.step = step++;
        entry.is_step = true;
        entry.first = result.first;
        entry.time = result.end;
        entry.item = item_of(result);
        add(std::move(entry));
    }
    if (!event.ready.known()) return;
    ready_ = event.ready;
    transaction_status_ = event.transaction_status;
}

void ExchangeView::add(Entry&& entry) {
    if (entries_.size() >= kMaxItems) {
        ++left_out_;
        return;
    }
    entries_.push_back(std::move(entry));
}

std::string ExchangeView::to_text() const {
    std::string out = fmt::format("exchange {}:{} of {}@{}, {} to {}, begun {}\n", session_text(wanted_.session),
                                  wanted_.ordinal.value(), printable(identity_.user), printable(identity_.database),
                                  printable(identity_.client), printable(identity_.server), utc_text(begin_));
    fmt::format_to(std::back_inserter(out), "{:>12}  {:<6} {:>4}  {}\n", "ms", "", "step", "message");
    for (const Entry& entry : entries_) {
        std::string name = entry.item.name;
        if (!entry.from_client && entry.first.known()) name += fmt::format(" (from {} ms)", after(begin_, entry.first));
        fmt::format_to(std::back_inserter(out), "{:>12}  {:<6} {:>4}  {}\n", after(begin_, entry.time),
                       entry.from_client ? "client" : "server", entry.is_step ? std::to_string(entry.step) : "", name);
        for (const auto& [field, value] : entry.item.fields) {
            fmt::format_to(std::back_inserter(out), "{:>28}{}: {}\n", "", field, value);
        }
    }
    if (left_out_ > 0) out += counted(left_out_, "further message") + " not shown\n";
    if (ready_.known()) {
        const std::string status =
            transaction_status_ == 0 ? "discarded with an earlier exchange" : std::string(1, transaction_status_);
        fmt::format_to(std::back_inserter(out), "{:>12}  {:<6} {:>4}  ReadyForQuery, transaction status {}\n",
                       after(begin_, ready_), "server", "", printable(status));
    } else {
        out += "its end is not in the capture\n";
    }
    return out;
}

Json ExchangeView::to_json() const {
    Json json;
    json["session"] = session_text(wanted_.session);
    json["ordinal"] = wanted_.ordinal.value();
    json["user"] = identity_.user;
    json["database"] = identity_.database;
    json["first"] = utc_text(begin_);
    json["first_ns"] = begin_.ns();
    json["messages"] = Json::array();
    const auto offset = [this](Timestamp time) {
        return time.known() ? Json(milliseconds(elapsed(begin_, time))) : Json();
    };
    for (const Entry& entry : entries_) {
        Json one;
        one["from"] = entry.from_client ? "client" : "server";
        one["message"] = entry.item.name;
        one["step"] = entry.is_step ? Json(entry.step) : Json();
        one["offset_ms"] = offset(entry.time);
        if (!entry.from_client) one["first_byte_ms"] = offset(entry.first);
        one["fields"] = Json::array();
        for (const auto& [name, value] : entry.item.fields) {
            one["fields"].push_back({{"name", name}, {"value", value}});
        }
        json["messages"].push_back(std::move(one));
    }
    json["not_shown"] = left_out_;
    json["ready_ms"] = offset(ready_);
    json["transaction_status"] = transaction_status_ == 0 ? Json() : Json(std::string(1, transaction_status_));
    return json;
}

}  // namespace understudy::app::inspect

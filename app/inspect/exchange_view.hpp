#pragma once

#include <functional>
#include <map>

#include "app/inspect/message_item.hpp"
#include "core/base/error.hpp"
#include "core/exchange/session_states.hpp"

namespace understudy::app::inspect {

/// "00000000000000a1:17", as the list of exchanges has them. Errors: Errc::usage.
Result<ExchangeId> parse_exchange(const std::string& text);

/// One exchange in full, message by message. Drive it with every event of the capture, then finish().
class ExchangeView {
public:
    static constexpr std::size_t kMaxItems = 10'000;            ///< shown; the rest is counted
    static constexpr std::size_t kMaxMessageBytes = 1U << 20U;  ///< of a message that fills several records

    explicit ExchangeView(ExchangeId wanted) : wanted_(wanted), scanner_(kMaxMessageBytes) {}

    void on_event(const Event& event);
    [[nodiscard]] bool found() const { return found_; }
    [[nodiscard]] std::string to_text() const;
    [[nodiscard]] Json to_json() const;

private:
    struct Entry {
        bool from_client = false;
        std::uint32_t step = 0;
        bool is_step = false;
        Timestamp first;  ///< of an answer: first byte
        Timestamp time;
        MessageItem item;
    };
    void on(const Request& event);
    void on(const Response& event);
    void add(Entry&& entry);
    void look_up(const ScannedFrame& frame, MessageItem& item, std::vector<std::uint32_t>& types);

    ExchangeId wanted_;
    SessionStates states_;
    SessionIdentity identity_;
    std::map<Bytes, PreparedStatement> statements_;  // when the exchange begins, and as it prepares them
    FrameScanner scanner_;
    std::uint64_t next_step_ = 0;
    std::vector<Entry> entries_;
    std::uint64_t left_out_ = 0;
    Timestamp begin_;
    Timestamp ready_;
    char transaction_status_ = 0;
    bool found_ = false;
};

}  // namespace understudy::app::inspect

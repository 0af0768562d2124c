#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {

/// A session as both sides sent it. Every statement has a number, which its text, its portal, its rows, its
/// command tag and its error have in them, so that any answer tells what it answers.
class SessionScript {
public:
    struct Turn {
        bool from_client = false;
        Bytes bytes;
    };

    SessionScript(std::uint32_t seed, int exchanges) : random_(seed) {
        if (chance(50)) {
            client(wire::ssl_request());
            server("N");
        }
        client(wire::startup());
        server(wire::authentication(3));
        client(wire::password("hunter2"));
        server(wire::logged_in());
        pipelining = chance(40);
        overtaking = pipelining && chance(30);
        if (pipelining) pipeline();
        sound_turns = turns.size();
        for (int i = 0; i < exchanges; ++i) {
            switch (below(7)) {
                case 0: query(); break;
                case 5: cursor(); break;
                case 1: copy_in(); break;
                case 2: flushed(); break;
                case 3: copy_out(); break;
                case 4:
                    if (pipelining) {
                        pipeline();
                        break;
                    }
                    [[fallthrough]];
                default: {
                    Bytes answer;
                    client(extended(answer));
                    server(answer);
                }
            }
        }
        if (chance(80)) client(fe::terminate());
    }

    std::vector<Turn> turns;
    bool pipelining = false;      ///< the client sends exchanges before the last one is answered
    bool overtaking = false;      ///< … and goes on to when one of several is answered
    std::size_t sound_turns = 0;  ///< so many at the beginning show how the client works

private:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }
    void client(const Bytes& bytes) { turns.push_back({true, bytes}); }
    void server(const Bytes& bytes) { turns.push_back({false, bytes}); }
    std::string next() { return "n" + std::to_string(++number_) + "."; }

    Bytes rows(const std::string& id) {
        Bytes bytes = be::row_description({{"a"}});
        for (std::uint32_t i = below(8); i > 0; --i) bytes += be::row({id + Bytes(below(60), 'x')});
        return bytes;
    }
    void query() {
        std::string sql;
        Bytes answer;
        bool failed = false;
        for (std::uint32_t i = 1 + below(3); i > 0; --i) {
            const std::string id = next();
            sql += "select " + id + ";";
            if (failed) continue;
            failed = chance(15);
            if (chance(20)) answer += be::notice("look");
            answer += failed ? be::error("22012", id) : rows(id) + be::complete("SELECT " + id);
        }
        client(fe::query(sql));
        server(answer + be::ready());
    }
    Bytes extended(Bytes& answer) {
        Bytes sent;
        bool failed = false;
        for (std::uint32_t i = 1 + below(3); i > 0; --i) {
            const std::string id = next();
            sent += fe::parse("s" + id, "select " + id) + fe::bind("p" + id, "s" + id) + fe::describe_portal("p" + id) +
                    fe::execute("p" + id);
            if (failed) continue;
            failed = chance(15);
            const bool at_parse = failed && chance(50);
            if (!at_parse) answer += be::parsed_and_bound() + rows(id);
            answer += failed ? be::error("42P01", id) : be::complete("SELECT " + id);
        }
        answer += be::ready();
        return sent + fe::sync();
    }
    void pipeline() {
        if (overtaking) return overtake();
        Bytes sent;
        Bytes answers;
        for (std::uint32_t i = 2 + below(3); i > 0; --i) {
            Bytes answer;
            sent += extended(answer);
            answers += answer;
        }
        client(sent);
        server(answers);
    }
    void overtake() {
        Bytes before;
        for (std::uint32_t i = 3 + below(3); i > 0; --i) {
            Bytes answer;
            client(extended(answer));
            if (!before.empty()) server(before);
            before = answer;
        }
        server(before);
    }
    void flushed() {
        const std::string id = next();
        client(fe::parse("s" + id, "select " + id) + fe::describe_statement("s" + id) + fe::flush());
        server(be::parse_complete() + be::parameter_description({}) + be::row_description({{"a"}}));
        client(fe::bind("p" + id, "s" + id) + fe::execute("p" + id) + fe::sync());
        server(wire::frame('2', "") + be::row({id}) + be::complete("SELECT " + id) + be::ready());
    }
    /// A portal read in two parts, with a notification between and a setting that changes.
    void cursor() {
        const std::string id = next();
        client(fe::parse("s" + id, "select " + id) + fe::bind("p" + id, "s" + id) + fe::execute("p" + id, 2) +
               fe::flush());
        server(be::parsed_and_bound() + be::row({id}) + be::row({id}) + be::portal_suspended());
        server(be::notification("channel"));
        client(fe::execute("p" + id) + fe::sync());
        server(be::row({id}) + be::parameter("TimeZone", "UTC") + be::complete("SELECT " + id) + be::ready());
    }
    void copy_in() {
        const std::string id = next();
        client(fe::query("copy " + id + " from stdin"));
        server(be::copy_in());
        Bytes data;
        for (std::uint32_t i = below(20); i > 0; --i) data += fe::copy_data(id + Bytes(below(90), 'c') + "\n");
        const bool fails = chance(20);
        client(data + (fails ? fe::copy_fail() : fe::copy_done()));
        server((fails ? be::error("57014", id) : be::complete("COPY " + id)) + be::ready());
    }
    void copy_out() {
        const std::string id = next();
        client(fe::query("copy " + id + " to stdout"));
        Bytes data = be::copy_out();
        for (std::uint32_t i = below(20); i > 0; --i) data += be::copy_data(id + "\n");
        server(data + be::copy_done() + be::complete("COPY " + id) + be::ready());
    }

    std::mt19937 random_;
    int number_ = 0;
};

/// The packets of a script as a capture may have them: cut anywhere, and reordered, sent twice, sent again
/// with other cuts, lost.
class DisturbedSession {
public:
    struct Disturbance {
        std::uint32_t reach = 0;    ///< how far a segment moves, within what its side sent in a row
        std::uint32_t moved = 100;  ///< percent of segments that may move
        bool across = false;        ///< … and past what the other side sent
        std::uint32_t again = 0;    ///< percent of segments followed by a copy or an overlapping retransmission
        std::array<std::uint32_t, 2> losses{};  ///< percent of the client's and of the server's segments
        std::uint32_t forged = 0;  ///< percent of segments followed by other bytes of the same place: the first win
        std::uint32_t max_segment = 1448;
        bool v6 = false;
    };

    DisturbedSession(const SessionScript& script, const Disturbance& how, std::uint32_t seed)
        : random_(seed), how_(how) {
        if (how.v6) ends_ = {testing::endpoint("2001:db8::2", 40'000), testing::endpoint("2001:db8::1", 5432)};
        add(0, 0, 0).syn = true;
        sent_.back().segment.ack = false;
        add(1, 0, 0).syn = true;
        for (std::size_t i = 0; i < script.turns.size(); ++i) {
            const SessionScript::Turn& turn = script.turns[i];
            const std::size_t side = turn.from_client ? 0 : 1;
            data_[side] += turn.bytes;
            sound_ = i < script.sound_turns;
            send(side);
        }
        for (const std::size_t side : {0U, 1U}) add(side, done_[side], 0).fin = true;
        shuffle();
    }

    /// All segments; views are valid as long as this.
    std::vector<Segment> segments() const {
        std::vector<Segment> result;
        for (const Sent& sent : sent_) {
            if (sent.lost) continue;
            result.push_back(sent.segment);
            const BytesView of = sent.forged ? BytesView(forgery_) : BytesView(data_[sent.side]);
            result.back().payload = of.substr(sent.forged ? 0 : sent.offset, sent.length);
        }
        return result;
    }
    bool lost_any() const {
        return std::any_of(sent_.begin(), sent_.end(), [](const Sent& sent) { return sent.lost; });
    }

private:
    struct Sent {
        std::size_t side = 0;
        std::size_t offset = 0;
        std::size_t length = 0;
        std::uint64_t rank = 0;
        bool lost = false;
        bool forged = false;
        Segment segment;
    };

    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }

    Segment& add(std::size_t side, std::size_t offset, std::size_t length) {
        Sent& sent = sent_.emplace_back();
        sent.side = side;
        sent.offset = offset;
        sent.length = length;
        const bool stays = how_.reach == 0 || !chance(how_.moved) || sent_.size() < 3 || (sound_ && how_.across);
        const std::uint64_t moved = stays ? 0 : below(how_.reach);
        sent.rank = sent_.size() + moved;
        sent.segment.source = ends_[side];
        sent.segment.destination = ends_[1 - side];
        sent.segment.sequence = isn_[side] + static_cast<std::uint32_t>(offset) + (sent_.size() > 2 ? 1 : 0);
        sent.segment.ack = true;
        sent.segment.acknowledgement = isn_[1 - side] + 1 + static_cast<std::uint32_t>(done_[1 - side]);
        return sent.segment;
    }
    void send(std::size_t side) {
        while (done_[side] < data_[side].size()) {
            const std::size_t left = data_[side].size() - done_[side];
            const std::size_t length = std::min<std::size_t>(left, 1 + below(how_.max_segment));
            add(side, done_[side], length);
            sent_.back().lost = !sound_ && chance(how_.losses[side]);
            done_[side] += length;
            if (chance(how_.forged)) {
                add(side, done_[side] - length, length);
                sent_.back().forged = true;
            }
            if (!chance(how_.again)) continue;
            const std::size_t back = 1 + below(static_cast<std::uint32_t>(std::min<std::size_t>(done_[side], 500)));
            // What was lost stays lost: an endpoint resends only what did not arrive.
            if (!sent_.back().lost && how_.losses[side] == 0)
                add(side, done_[side] - back, 1 + below(static_cast<std::uint32_t>(back)));
        }
    }
    void shuffle() {
        if (how_.across) {
            std::stable_sort(sent_.begin(), sent_.end(), [](const Sent& a, const Sent& b) { return a.rank < b.rank; });
            return;
        }
        for (auto begin = sent_.begin(); begin != sent_.end();) {
            auto end = std::find_if(begin, sent_.end(), [&](const Sent& sent) { return sent.side != begin->side; });
            std::stable_sort(begin, end, [](const Sent& a, const Sent& b) { return a.rank < b.rank; });
            begin = end;
        }
    }

    std::mt19937 random_;
    Disturbance how_;
    std::array<Endpoint, 2> ends_{testing::endpoint("10.0.0.2", 40'000), testing::endpoint("10.0.0.1", 5432)};
    std::array<std::uint32_t, 2> isn_{4'294'960'000U, 77};  // the client's numbers wrap
    std::array<Bytes, 2> data_;
    Bytes forgery_ = Bytes(1448, 'Z');
    std::array<std::size_t, 2> done_{};
    bool sound_ = true;  // as captured; see SessionScript::sound_turns
    std::vector<Sent> sent_;
};

}  // namespace understudy::capture

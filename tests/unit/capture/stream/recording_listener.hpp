#pragma once

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "capture/stream/flow_table.hpp"

namespace understudy::capture {

/// Keeps everything. Streams are texts: data as it is, a gap as "[length]".
class RecordingListener : public FlowListener {
public:
    struct Flow {
        FlowOpened opened;
        std::array<std::string, 2> text;
        std::array<std::vector<std::optional<char>>, 2> bytes;  // nothing where a gap is
        std::optional<CloseReason> closed;
        std::vector<Timestamp> times;
        std::vector<bool> caught_up;
        std::string order;  // of both directions: ">" or "<", and the text
    };
    std::vector<Flow> flows;

    std::uint32_t on_open(const FlowOpened& flow) override {
        flows.push_back({flow, {}, {}, {}, {}, {}, {}});
        return static_cast<std::uint32_t>(flows.size() - 1);
    }
    void on_data(FlowRef ref, Direction direction, BytesView bytes, Timestamp time, bool caught_up) override {
        Flow& flow = find(ref);
        EXPECT_FALSE(bytes.empty());
        flow.text[static_cast<std::size_t>(direction)] += bytes;
        auto& all = flow.bytes[static_cast<std::size_t>(direction)];
        all.insert(all.end(), bytes.begin(), bytes.end());
        flow.times.push_back(time);
        flow.caught_up.push_back(caught_up);
        flow.order += (direction == Direction::to_server ? ">" : "<") + std::string(bytes);
    }
    void on_gap(FlowRef ref, Direction direction, std::uint64_t length, Timestamp time) override {
        Flow& flow = find(ref);
        flow.text[static_cast<std::size_t>(direction)] += "[" + std::to_string(length) + "]";
        flow.order += (direction == Direction::to_server ? ">[" : "<[") + std::to_string(length) + "]";
        auto& all = flow.bytes[static_cast<std::size_t>(direction)];
        all.resize(all.size() + length);
        flow.times.push_back(time);
    }
    void on_close(FlowRef ref, CloseReason reason, Timestamp) override { find(ref).closed = reason; }

private:
    Flow& find(FlowRef ref) {
        Flow& flow = flows.at(ref.user);
        EXPECT_EQ(flow.opened.id, ref.id);
        EXPECT_FALSE(flow.closed.has_value());
        return flow;
    }
};

}  // namespace understudy::capture

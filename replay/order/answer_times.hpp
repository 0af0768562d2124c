#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <optional>
#include <vector>

#include "replay/order/unit.hpp"

namespace understudy::replay {

/// When the recorded sessions had got how far. Of each session only the last kKept answers are known by their time;
/// what is older counts as answered long ago.
class AnswerTimes {
public:
    static constexpr std::size_t kKept = 512;

    void note(SessionIndex session, Progress done, Timestamp time) {
        if (session >= sessions_.size()) sessions_.resize(session + 1);
        std::deque<Answer>& answers = sessions_[session];
        if (!answers.empty() && done <= answers.back().done) return;
        answers.push_back({done, time});
        if (answers.size() > kKept) answers.pop_front();
    }
    void forget(SessionIndex session) {
        if (session >= sessions_.size()) return;
        std::deque<Answer>& answers = sessions_[session];
        if (answers.size() > 1) answers.erase(answers.begin(), answers.end() - 1);
        answers.shrink_to_fit();
    }
    /// When the unit was answered; nothing while it is not.
    [[nodiscard]] std::optional<Timestamp> end_of(const Unit& unit) const {
        if (unit.session >= sessions_.size()) return std::nullopt;
        const std::deque<Answer>& answers = sessions_[unit.session];
        if (answers.empty() || answers.back().done < unit.done) return std::nullopt;
        if (unit.done < answers.front().done && answers.size() >= kKept) return Timestamp();
        const auto at = std::lower_bound(answers.begin(), answers.end(), unit.done,
                                         [](const Answer& answer, Progress wanted) { return answer.done < wanted; });
        return at->time;
    }

    /// How far the session had got before that time, as far as its answers are kept.
    [[nodiscard]] Progress done_before(SessionIndex session, Timestamp time) const {
        if (session >= sessions_.size()) return {};
        const std::deque<Answer>& answers = sessions_[session];
        const auto at = std::lower_bound(answers.begin(), answers.end(), time,
                                         [](const Answer& answer, Timestamp wanted) { return answer.time < wanted; });
        return at == answers.begin() ? Progress() : std::prev(at)->done;
    }

private:
    struct Answer {
        Progress done;
        Timestamp time;
    };
    std::vector<std::deque<Answer>> sessions_;
};

}  // namespace understudy::replay

#include "compare/history/change_points.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace understudy::compare {
namespace {

struct Split {
    double q = -1;
    std::size_t at = 0;
};

/// Sums of distances within one segment, so that any pair of neighbouring windows costs the same.
class Distances {
public:
    explicit Distances(std::size_t n) : n_(n), sums_((n + 1) * (n + 1), 0) {}

    void fill(const double* values) {
        for (std::size_t i = 0; i < n_; ++i) {
            double row = 0;
            for (std::size_t j = 0; j < n_; ++j) {
                row += std::abs(values[i] - values[j]);
                at(i + 1, j + 1) = at(i, j + 1) + row;
            }
        }
    }
    /// The split with the greatest Q: X = [0, at), Y = [at, end), for every `end`.
    [[nodiscard]] Split best(std::size_t least) const {
        Split best;
        for (std::size_t split = least; split + least <= n_; ++split) {
            const auto n = static_cast<double>(split);
            const double within_x = block(0, split, 0, split) / (n * (n - 1));
            for (std::size_t end = split + least; end <= n_; ++end) {
                const auto m = static_cast<double>(end - split);
                const double between = 2 * block(0, split, split, end) / (n * m);
                const double within_y = block(split, end, split, end) / (m * (m - 1));
                const double q = n * m / (n + m) * (between - within_x - within_y);
                if (q > best.q) best = {q, split};
            }
        }
        return best;
    }

private:
    double& at(std::size_t i, std::size_t j) { return sums_[i * (n_ + 1) + j]; }
    [[nodiscard]] double at(std::size_t i, std::size_t j) const { return sums_[i * (n_ + 1) + j]; }
    [[nodiscard]] double block(std::size_t i, std::size_t i_end, std::size_t j, std::size_t j_end) const {
        return at(i_end, j_end) - at(i, j_end) - at(i_end, j) + at(i, j);
    }
    std::size_t n_;
    std::vector<double> sums_;
};

class Search {
public:
    Search(std::vector<double> values, const ChangePointOptions& options)
        : values_(std::move(values)), options_(options), least_(std::max<std::size_t>(options.least_segment, 2)),
          generator_(options.seed) {}

    std::vector<ChangePoint> run() {
        std::vector<std::size_t> borders{0, values_.size()};
        std::vector<ChangePoint> found;
        while (found.size() < options_.most) {
            const Split split = best_of(values_, borders);
            if (split.q <= 0) break;
            const double p = chance_of(split.q, borders);
            if (p > options_.level) break;
            found.push_back({split.at, p});
            borders.insert(std::upper_bound(borders.begin(), borders.end(), split.at), split.at);
        }
        std::sort(found.begin(), found.end(), [](const ChangePoint& a, const ChangePoint& b) { return a.at < b.at; });
        return found;
    }

private:
    [[nodiscard]] Split best_of(const std::vector<double>& values, const std::vector<std::size_t>& borders) const {
        Split best;
        for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
            const std::size_t length = borders[i + 1] - borders[i];
            if (length < 2 * least_) continue;
            Distances distances(length);
            distances.fill(values.data() + borders[i]);
            Split split = distances.best(least_);
            split.at += borders[i];
            if (split.q > best.q) best = split;
        }
        return best;
    }

    /// How often the same points in another order, each within its segment, have as good a split.
    double chance_of(double q, const std::vector<std::size_t>& borders) {
        const double all = static_cast<double>(options_.permutations) + 1;
        std::size_t as_good = 0;
        std::vector<double> shuffled = values_;
        for (std::size_t round = 0; round < options_.permutations; ++round) {
            for (std::size_t i = 0; i + 1 < borders.size(); ++i) shuffle(shuffled, borders[i], borders[i + 1]);
            as_good += best_of(shuffled, borders).q >= q ? 1U : 0U;
            if ((static_cast<double>(as_good) + 1) / all > options_.level) return 1;
        }
        return (static_cast<double>(as_good) + 1) / all;
    }

    void shuffle(std::vector<double>& values, std::size_t begin, std::size_t end) {
        for (std::size_t i = end - begin; i > 1; --i) {
            std::swap(values[begin + i - 1], values[begin + generator_() % i]);
        }
    }

    std::vector<double> values_;
    const ChangePointOptions& options_;
    std::size_t least_;
    std::mt19937_64 generator_;
};

}  // namespace

std::vector<ChangePoint> change_points(const std::vector<double>& series, const ChangePointOptions& options) {
    const std::size_t skipped = series.size() > kMaxSeries ? series.size() - kMaxSeries : 0;
    std::vector<double> values(series.begin() + static_cast<std::ptrdiff_t>(skipped), series.end());
    auto found = Search(std::move(values), options).run();
    for (ChangePoint& point : found) point.at += skipped;
    return found;
}

}  // namespace understudy::compare

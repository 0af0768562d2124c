#include "compare/history/trends.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <optional>

#include "compare/analysis/noise.hpp"
#include "compare/history/change_points.hpp"
#include "compare/history/slide.hpp"

namespace understudy::compare {
namespace {

using Students = boost::math::students_t;

constexpr double kPriorFreedom = 4;  ///< as if so many nights more had shown the spread of all statements
constexpr std::size_t kAtOnce = 3;   ///< the last nights, whose level is compared even where E-divisive is silent
constexpr std::size_t kLeastBefore = 5;
constexpr double kRankLevel = 0.05;
constexpr double kBorder = 4;       ///< standard errors between the levels beside a border
constexpr double kStandsOut = 2;    ///< times as far as any statement did on any night

/// One way to see a series, with how surprising it would be by chance.
struct Candidate {
    TrendShape shape = TrendShape::step;
    std::size_t begin = 0;   ///< first point of the new level, or the last one before the slide
    std::size_t window = 0;  ///< first point that was looked at
    double effect = 0;       ///< in logarithms: of a step, or of one night
    double level = 0;        ///< before, in logarithms
    double squares = 0;      ///< of the residuals from `window` on
    double p = 1;
};

double mean(const std::vector<double>& x, std::size_t begin, std::size_t end) {
    return std::accumulate(x.begin() + static_cast<std::ptrdiff_t>(begin), x.begin() + static_cast<std::ptrdiff_t>(end), 0.0) /
           static_cast<double>(end - begin);
}

double squares(const std::vector<double>& x, std::size_t begin, std::size_t end) {
    const double middle = mean(x, begin, end);
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += (x[i] - middle) * (x[i] - middle);
    return sum;
}

/// From successive differences, which steps and slides hardly touch (von Neumann, 1941).
double night_variance(const std::vector<double>& x) {
    double sum = 0;
    for (std::size_t i = 1; i < x.size(); ++i) sum += (x[i] - x[i - 1]) * (x[i] - x[i - 1]);
    return sum / 2 / static_cast<double>(x.size() - 1);
}

class SeriesTest {
public:
    /// `prior`: the variance that all statements show; nothing: this series has only its own.
    SeriesTest(const std::vector<double>& x, std::optional<double> prior, std::uint64_t seed) : x_(x), prior_(prior) {
        ChangePointOptions options;
        options.seed = seed;
        const double variance = std::max(prior.value_or(0), night_variance(x));
        std::vector<std::size_t> found{0};
        for (const ChangePoint& point : change_points(x, options)) found.push_back(point.at);
        found.push_back(x.size());
        for (std::size_t i = 1; i + 1 < found.size(); ++i) {
            // One in twenty that E-divisive finds is chance: levels that hardly differ are one.
            const std::size_t from = borders_.empty() ? 0 : borders_.back();
            const double change = std::abs(mean(x, found[i], found[i + 1]) - mean(x, from, found[i]));
            const double error = std::sqrt(variance * (1.0 / static_cast<double>(found[i] - from) +
                                                       1.0 / static_cast<double>(found[i + 1] - found[i])));
            if (change >= std::log1p(TrendReport::kLeastEffect) && change >= kBorder * error) borders_.push_back(found[i]);
        }
    }

    /// How far the night stood out that did most, tonight aside, in standard deviations.
    [[nodiscard]] double farthest() const {
        double sum = 0;
        double most = 0;
        for (std::size_t i = 0; i <= borders_.size(); ++i) {
            const std::size_t begin = i == 0 ? 0 : borders_[i - 1];
            const std::size_t end = i == borders_.size() ? x_.size() - 1 : borders_[i];
            if (begin >= end) continue;
            const double middle = mean(x_, begin, end);
            sum += squares(x_, begin, end);
            for (std::size_t k = begin; k < end; ++k) most = std::max(most, std::abs(x_[k] - middle));
        }
        const double freedom = static_cast<double>(x_.size() - 1 - borders_.size()) + (prior_ ? kPriorFreedom : 0);
        const double variance = (sum + (prior_ ? kPriorFreedom * *prior_ : 0)) / std::max(freedom, 1.0);
        return most / std::sqrt(std::max(variance, 1e-8));
    }

    /// `farthest`: of all statements' nights.
    [[nodiscard]] std::optional<Candidate> best(double farthest) const {
        std::optional<Candidate> step;
        std::optional<Candidate> slide;
        const auto take = [](std::optional<Candidate>& best, const std::optional<Candidate>& one) {
            if (one && (!best || one->p < best->p)) best = one;
        };
        if (!borders_.empty()) take(step, step_at(borders_.back(), TrendReport::kLeastEffect));
        for (std::size_t last = 1; last <= kAtOnce && last < x_.size(); ++last) {
            if (x_.size() - last < kLeastBefore) continue;
            // One night alone may be one of those that happen: it has to stand out more than any did so far.
            const double least_t = last == 1 ? kStandsOut * farthest : 0;
            take(step, step_at(x_.size() - last, TrendReport::kLeastAtOnce, least_t));
        }
        take(slide, slide_from(0));
        for (const std::size_t border : borders_) take(slide, slide_from(border));
        if (!step || !slide) return step ? step : slide;
        // The slower the better explained; a step inside what the slide explains is part of it.
        const bool line_fits = slide->squares < two_levels(slide->window, step->begin);
        return line_fits ? slide : step;
    }

private:
    [[nodiscard]] double two_levels(std::size_t window, std::size_t split) const {
        if (split <= window) return squares(x_, window, x_.size());
        return squares(x_, window, split) + squares(x_, split, x_.size());
    }

    /// P of a t of this size or more in either direction, at the best of as many places as there are nights.
    [[nodiscard]] double chance(double effect, double own_squares, double own_freedom, double scale, double least_t = 0) const {
        const double freedom = own_freedom + (prior_ ? kPriorFreedom : 0);
        if (freedom < 2) return 1;
        const double variance = (own_squares + (prior_ ? kPriorFreedom * *prior_ : 0)) / freedom;
        const double t = std::abs(effect) / (std::sqrt(std::max(variance, 1e-8)) * scale);
        if (t < least_t) return 1;
        const double p = 2 * boost::math::cdf(boost::math::complement(Students(freedom), t));
        return std::min(1.0, p * 2 * static_cast<double>(x_.size()));  // steps and slides: twice as many
    }

    [[nodiscard]] std::optional<Candidate> step_at(std::size_t split, double least_effect, double least_t = 0) const {
        std::size_t window = 0;
        for (const std::size_t border : borders_) {
            if (border < split) window = border;
        }
        const std::size_t before = split - window;
        const std::size_t after = x_.size() - split;
        if (before < 2) return std::nullopt;
        Candidate one;
        one.begin = split;
        one.window = window;
        one.level = mean(x_, window, split);
        one.effect = mean(x_, split, x_.size()) - one.level;
        if (std::abs(one.effect) < std::log1p(least_effect)) return std::nullopt;
        one.squares = two_levels(window, split);
        one.p = chance(one.effect, one.squares, static_cast<double>(before + after - 2),
                       std::sqrt(1.0 / static_cast<double>(before) + 1.0 / static_cast<double>(after)), least_t);
        return one;
    }

    [[nodiscard]] std::optional<Candidate> slide_from(std::size_t window) const {
        std::vector<double> part(x_.begin() + static_cast<std::ptrdiff_t>(window), x_.end());
        const Slide slide = fit_slide(part);
        if (slide.slope == 0) return std::nullopt;
        // The rank test is of a rise; a fall is a rise of the opposite.
        double rank_p = slide.one_sided_p;
        if (slide.slope < 0) {
            for (double& value : part) value = -value;
            rank_p = rising_p(part.data() + slide.begin, part.size() - slide.begin);
        }
        if (rank_p > kRankLevel) return std::nullopt;
        Candidate one;
        one.shape = TrendShape::slide;
        one.window = window;
        one.begin = window + slide.begin;
        one.effect = slide.slope;
        one.level = slide.level;
        one.squares = slide.squares;
        one.p = chance(slide.slope, slide.squares, static_cast<double>(part.size()) - 3, slide.error);
        return one;
    }

    const std::vector<double>& x_;
    std::optional<double> prior_;
    std::vector<std::size_t> borders_;
};

/// How far the unchanged schema moved over the same nights, seen in the same way.
double baseline_change(const NightSeries& series, const Candidate& seen, std::size_t begin) {
    const std::size_t end = series.baseline.size();
    if (seen.shape == TrendShape::step) return mean(series.baseline, begin, end) - mean(series.baseline, seen.window, begin);
    const std::vector<double> part(series.baseline.begin() + static_cast<std::ptrdiff_t>(seen.window), series.baseline.end());
    return fit_slide_at(part, seen.begin - seen.window).slope * static_cast<double>(end - begin);
}

/// The trend that a candidate is; nothing when it is accepted, or too small to matter.
std::optional<Trend> trend_of(const Candidate& seen, const NightTable& table, const NightSeries& series, const std::string& name,
                              const TrendOptions& options) {
    const auto& runs = table.runs;
    const auto run_of = [&](std::size_t point) -> const std::string& { return runs[series.nights[point]]; };
    const bool slide = seen.shape == TrendShape::slide;
    std::size_t begin = slide ? seen.begin + 1 : seen.begin;
    if (!slide && run_of(begin) <= options.accepted) return std::nullopt;
    while (slide && begin < series.nights.size() && run_of(begin) <= options.accepted) ++begin;
    if (begin >= series.nights.size()) return std::nullopt;
    Trend trend;
    trend.fingerprint = name;
    trend.shape = seen.shape;
    trend.since = run_of(begin);
    trend.nights = series.nights.size() - begin;
    const double steps = slide ? static_cast<double>(trend.nights) : 1.0;
    const double start = slide ? seen.level + seen.effect * static_cast<double>(begin - 1 - seen.begin) : seen.level;
    const double change = seen.effect * steps;
    trend.slower = change > 0;
    trend.ratio = std::exp(change);
    trend.per_night = slide ? std::exp(seen.effect) : 1;
    trend.p = seen.p;
    trend.baseline_ratio = std::exp(baseline_change(series, seen, begin));
    if (!name.empty()) {
        trend.before_ms = std::exp(start);
        trend.now_ms = std::exp(start + change);
        const double relative = std::abs(std::expm1(change));
        const bool matters = std::abs(trend.now_ms - trend.before_ms) >= TrendReport::kLeastMilliseconds ||
                             relative * series.share >= TrendReport::kLeastShare;
        if (!matters) return std::nullopt;
    }
    return std::abs(change) < std::log1p(TrendReport::kLeastEffect) ? std::nullopt : std::optional<Trend>(trend);
}

double median_variance(const NightTable& table) {
    std::vector<double> variances;
    for (const auto& [name, series] : table.statements) {
        if (series.candidate.size() >= TrendReport::kLeastNights) variances.push_back(night_variance(series.candidate));
    }
    if (variances.empty()) return 0;
    const auto middle = variances.begin() + static_cast<std::ptrdiff_t>(variances.size() / 2);
    std::nth_element(variances.begin(), middle, variances.end());
    return *middle;
}

}  // namespace

bool Trend::without_the_change() const {
    const double half = std::log(ratio) / 2;
    return slower ? std::log(baseline_ratio) >= half : std::log(baseline_ratio) <= half;
}

TrendReport judge_trends(const NightTable& table, const TrendOptions& options) {
    TrendReport report;
    report.nights = table.runs.size();
    const double prior = median_variance(table);
    std::vector<std::pair<std::string, SeriesTest>> tests;
    const auto test = [&](const std::string& name, const NightSeries& series, std::optional<double> known) {
        const bool enough = series.nights.size() >= TrendReport::kLeastNights && series.nights.back() + 1 == table.runs.size();
        if (enough) tests.emplace_back(name, SeriesTest(series.candidate, known, options.seed));
        return enough;
    };
    for (const auto& [name, series] : table.statements) ++(test(name, series, prior) ? report.tested : report.too_short);
    double farthest = 0;
    for (const auto& [name, series] : tests) farthest = std::max(farthest, series.farthest());
    if (!table.all.nights.empty()) test("", table.all, std::nullopt);
    std::vector<std::optional<Candidate>> seen;
    std::vector<double> chances;
    for (const auto& [name, series] : tests) {
        seen.push_back(series.best(name.empty() ? series.farthest() : farthest));
        chances.push_back(seen.back() ? seen.back()->p : 1);
    }
    const auto believed = benjamini_hochberg(chances, options.false_discovery_rate);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!believed[i]) continue;
        const std::string& name = tests[i].first;
        const NightSeries& series = name.empty() ? table.all : table.statements.at(name);
        if (auto trend = trend_of(*seen[i], table, series, name, options)) report.trends.push_back(std::move(*trend));
    }
    std::stable_sort(report.trends.begin(), report.trends.end(), [](const Trend& a, const Trend& b) {
        if (a.slower != b.slower) return a.slower;
        return std::abs(std::log(a.ratio)) > std::abs(std::log(b.ratio));
    });
    return report;
}

}  // namespace understudy::compare

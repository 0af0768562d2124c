#include "compare/history/slide.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>

namespace understudy::compare {

Slide fit_slide_at(const std::vector<double>& series, std::size_t begin) {
    const auto n = static_cast<double>(series.size());
    const auto run = [&](std::size_t i) { return i > begin ? static_cast<double>(i - begin) : 0.0; };
    double mean_x = 0;
    double mean_y = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
        mean_x += run(i) / n;
        mean_y += series[i] / n;
    }
    double xx = 0;
    double xy = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
        xx += (run(i) - mean_x) * (run(i) - mean_x);
        xy += (run(i) - mean_x) * (series[i] - mean_y);
    }
    Slide slide;
    slide.begin = begin;
    slide.slope = xy / xx;
    slide.level = mean_y - slide.slope * mean_x;
    slide.error = 1 / std::sqrt(xx);
    for (std::size_t i = 0; i < series.size(); ++i) {
        const double off = series[i] - slide.level - slide.slope * run(i);
        slide.squares += off * off;
    }
    return slide;
}

Slide fit_slide(const std::vector<double>& series) {
    if (series.size() < kLeastSlide + 2) return {};
    Slide best;
    best.squares = std::numeric_limits<double>::infinity();
    for (std::size_t begin = 0; begin + kLeastSlide < series.size(); ++begin) {
        const Slide slide = fit_slide_at(series, begin);
        if (slide.squares < best.squares) best = slide;
    }
    best.one_sided_p = rising_p(series.data() + best.begin, series.size() - best.begin);
    return best;
}

double rising_p(const double* points, std::size_t count) {
    double s = 0;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = i + 1; j < count; ++j) s += points[j] > points[i] ? 1 : points[j] < points[i] ? -1 : 0;
    }
    std::vector<double> sorted(points, points + count);
    std::sort(sorted.begin(), sorted.end());
    const auto term = [](double n) { return n * (n - 1) * (2 * n + 5); };
    double variance = term(static_cast<double>(count));
    for (std::size_t i = 0; i < count;) {
        const auto end = std::upper_bound(sorted.begin(), sorted.end(), sorted[i]);
        const auto equal = static_cast<std::size_t>(end - sorted.begin()) - i;
        variance -= term(static_cast<double>(equal));
        i += equal;
    }
    variance /= 18;
    if (variance <= 0) return 1;
    return boost::math::cdf(boost::math::complement(boost::math::normal(), (s - 1) / std::sqrt(variance)));
}

}  // namespace understudy::compare

#include "unit/cron/random_expression.hpp"

#include <array>

namespace periodic::twin {
namespace {

class Generator {
public:
    explicit Generator(std::mt19937_64& random) : random_(random) {}

    std::string expression() {
        const int kind = below(20);
        std::string text;
        if (kind == 0 || kind == 1) text = list(0, 59) + ' ';
        text += one_in(4) ? minute() : list(0, 59);
        text += ' ' + hour() + ' ' + day() + ' ' + month() + ' ' + weekday();
        if (kind == 1)
            text += one_in(3) ? " */" + number(1, 5) : ' ' + number(1990, 2150) + "-2199";
        return text;
    }

private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
    bool one_in(int n) { return below(n) == 0; }
    std::string number(int low, int high) { return std::to_string(low + below(high - low + 1)); }

    std::string minute() { return one_in(2) ? "*" : "0"; }

    std::string item(int low, int high) {
        switch (below(9)) {
            case 0:
                return "*";
            case 1:
                return "*/" + number(1, high);
            case 2:
                return number(low, high) + '-' + number(low, high);
            case 3:
                return number(low, high) + '-' + number(low, high) + '/' + number(1, high);
            case 4:
                return number(low, high) + '/' + number(1, high);
            default:
                return number(low, high);
        }
    }

    std::string list(int low, int high) {
        std::string text = item(low, high);
        while (one_in(3)) text += ',' + item(low, high);
        return text;
    }

    std::string hour() {
        if (one_in(4)) return "*";
        if (one_in(2)) return number(0, 3);  // the hours in which clocks change
        return list(0, 23);
    }

    std::string day() {
        if (!one_in(3)) return one_in(9) ? "?" : "*";
        if (!one_in(3)) return list(1, 31);
        switch (below(4)) {
            case 0:
                return "L";
            case 1:
                return "L-" + number(1, 30);
            case 2:
                return number(1, 31) + 'W';
            default:
                return one_in(2) ? "LW" : "L,15W,1";
        }
    }

    std::string month() {
        constexpr std::array<const char*, 4> kSome{"OCT-MAR", "MAR,OCT", "JAN-DEC/2", "FEB"};
        if (!one_in(4)) return "*";
        return one_in(2) ? kSome[static_cast<std::size_t>(below(4))] : list(1, 12);
    }

    std::string weekday() {
        if (!one_in(3)) return "*";
        const std::string prefix = one_in(4) ? "+" : "";
        switch (below(5)) {
            case 0:
                return prefix + number(0, 7) + '#' + number(1, 5);
            case 1:
                return prefix + number(0, 7) + 'L';
            case 2:
                return prefix + "SAT-SUN";
            case 3:
                return prefix + "FRI-MON,WED";
            default:
                break;
        }
        std::string text = list(0, 7);
        return text[0] == '*' ? text : prefix + text;
    }

    std::mt19937_64& random_;
};

}  // namespace

std::string random_expression(std::mt19937_64& random) {
    return Generator(random).expression();
}

}  // namespace periodic::twin

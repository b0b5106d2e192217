#pragma once

/// @file
/// Values as bytes, between a daemon and its workers: both are the same program.
///
/// Numbers are 8 bytes in this machine's order, texts and lists have their length in front. What is
/// read is checked at each step: a length beyond the bytes that are there, an enumerator that there
/// is none of, a bool that is neither, and whoever reads on gets nothing more.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace periodic::wire {

/// The highest enumerator of an enum that travels; the lowest is 0.
template <class Enum>
struct Highest;

/// Puts values one behind the other.
class Packer {
public:
    template <class T>
    void operator()(const T& value);

    [[nodiscard]] std::string& bytes() noexcept { return bytes_; }

private:
    void number(std::int64_t value) {
        char raw[sizeof value];
        std::memcpy(raw, &value, sizeof value);
        bytes_.append(raw, sizeof raw);
    }

    std::string bytes_;
};

/// Takes them out again, in the same order. Never reads beyond the end; after the first mistake it
/// changes nothing more.
class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) noexcept : rest_(bytes) {}

    template <class T>
    void operator()(T& value);

    /// All was there, was what it had to be, and nothing is left.
    [[nodiscard]] bool is_done() const noexcept { return fine_ && rest_.empty(); }

private:
    bool number(std::int64_t& value) noexcept {
        if (!fine_ || rest_.size() < sizeof value) return fine_ = false;
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        return true;
    }
    // Of something that takes at least a byte for each.
    std::size_t size() noexcept {
        std::int64_t count = 0;
        if (!number(count) || count < 0 || static_cast<std::uint64_t>(count) > rest_.size()) {
            fine_ = false;
            return 0;
        }
        return static_cast<std::size_t>(count);
    }

    std::string_view rest_;
    bool fine_ = true;
};

template <class T>
concept Optional = requires(T value) {
    value.has_value();
    value.reset();
};
template <class T>
concept Map = requires {
    typename T::mapped_type;
};
template <class T>
concept List = requires(T value) {
    value.emplace_back();
}
&&!std::same_as<T, std::string>;
template <class T>
concept Duration = requires {
    typename T::period;
}
&&!requires {
    typename T::clock;
};
template <class T>
concept Instant = requires {
    typename T::clock;
};

template <class T>
void Packer::operator()(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        number(static_cast<std::int64_t>(value.size()));
        bytes_ += value;
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        number(static_cast<std::int64_t>(value));
    } else if constexpr (Duration<T>) {
        number(static_cast<std::int64_t>(value.count()));
    } else if constexpr (Instant<T>) {
        number(static_cast<std::int64_t>(value.time_since_epoch().count()));
    } else if constexpr (Optional<T>) {
        (*this)(value.has_value());
        if (value) (*this)(*value);
    } else if constexpr (Map<T>) {
        number(static_cast<std::int64_t>(value.size()));
        for (const auto& [key, mapped] : value) {
            (*this)(key);
            (*this)(mapped);
        }
    } else if constexpr (List<T>) {
        number(static_cast<std::int64_t>(value.size()));
        for (const auto& one : value) (*this)(one);
    } else {
        fields(*this, value);
    }
}

template <class T>
void Unpacker::operator()(T& value) {
    if (!fine_) return;
    std::int64_t raw = 0;
    if constexpr (std::is_same_v<T, std::string>) {
        const std::size_t length = size();
        value.assign(rest_.substr(0, length));
        rest_.remove_prefix(length);
    } else if constexpr (std::is_same_v<T, bool>) {
        if (number(raw)) fine_ = raw == 0 || raw == 1;
        value = raw == 1;
    } else if constexpr (std::is_enum_v<T>) {
        if (number(raw)) fine_ = raw >= 0 && raw <= static_cast<std::int64_t>(Highest<T>::value);
        if (fine_) value = static_cast<T>(raw);
    } else if constexpr (std::is_integral_v<T>) {
        if (number(raw)) fine_ = sizeof(T) == sizeof raw || std::in_range<T>(raw);
        if (fine_) value = static_cast<T>(raw);
    } else if constexpr (Duration<T>) {
        if (number(raw)) value = T(raw);
    } else if constexpr (Instant<T>) {
        if (number(raw)) value = T(typename T::duration(raw));
    } else if constexpr (Optional<T>) {
        bool has = false;
        (*this)(has);
        value.reset();
        if (has) (*this)(value.emplace());
    } else if constexpr (Map<T>) {
        value.clear();
        for (std::size_t left = size(); left > 0 && fine_; --left) {
            typename T::key_type key{};
            (*this)(key);
            (*this)(value[std::move(key)]);
        }
    } else if constexpr (List<T>) {
        value.clear();
        for (std::size_t left = size(); left > 0 && fine_; --left) (*this)(value.emplace_back());
    } else {
        fields(*this, value);
    }
}

}  // namespace periodic::wire

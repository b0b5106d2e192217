// Part of the library and of its module for HTTP, which links nothing of the library.

#include "periodic/http_client.hpp"

namespace periodic {

std::string shown_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t query = url.find_first_of("?#", begin);
    std::string_view rest =
        url.substr(begin, query == std::string_view::npos ? query : query - begin);
    const std::string_view authority = rest.substr(0, rest.find('/'));
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos) {
        rest.remove_prefix(user + 1);
    }
    return std::string(url.substr(0, begin)) + std::string(rest);
}

}  // namespace periodic

#include "periodic/http_client.hpp"

#include <array>
#include <string>

#include <dlfcn.h>
#include <unistd.h>

#include "base/http_module.hpp"
#include "periodic/version.hpp"

namespace periodic {
namespace {

constexpr const char* kModule = "periodic-http.so";

// Where a program's own tree has it, wherever that was installed or built.
std::string beside_this_program() {
    std::array<char, 4096> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    std::string place(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    for (int up = 0; up < 2 && !place.empty(); ++up) place.resize(place.rfind('/'));
    return place + "/" PERIODIC_LIBEXEC_DIR "/" + kModule;
}

std::string installed_module() {
    const std::string installed = std::string(PERIODIC_LIBEXEC_PATH "/") + kModule;
    if (::access(installed.c_str(), R_OK) == 0) return installed;
    const std::string beside = beside_this_program();
    return ::access(beside.c_str(), R_OK) == 0 ? beside : installed;
}

Failure unusable(const std::string& why) {
    return failure(ErrorCode::Unsupported,
                   "HTTP requests need " + std::string(kModule) + ": " + why,
                   "install it, and libcurl, beside the library");
}

}  // namespace

Result<std::shared_ptr<HttpClient>> make_http_client(const HttpClientOptions& options) {
    const std::string path = options.module.empty() ? installed_module() : options.module;
    if (::access(path.c_str(), R_OK) != 0) return unusable("there is no " + path);
    // Never unloaded: libcurl keeps state for the whole process.
    void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module == nullptr) return unusable(::dlerror());
    // POSIX: what dlsym gives may be a function.
    const auto make = reinterpret_cast<HttpModuleEntry>(::dlsym(module, kHttpModuleEntry));
    if (make == nullptr) return unusable(path + " is something else");
    HttpClient* const client = make(std::string(kVersion).c_str());
    if (client == nullptr) return unusable(path + " is not of version " + std::string(kVersion));
    return std::shared_ptr<HttpClient>(client);
}

}  // namespace periodic

#include "base/code_pages.hpp"

#include <cstddef>
#include <cstdint>

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace periodic {
namespace {

// Code and constants: they are as their file has them, while data may have been written, by the
// linker too.
int let_go_of_object(dl_phdr_info* object, std::size_t /*size*/, void* /*nothing*/) noexcept {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& part = object->dlpi_phdr[i];
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
        const std::uintptr_t begin = (object->dlpi_addr + part.p_vaddr + page - 1) / page * page;
        const std::uintptr_t end = (object->dlpi_addr + part.p_vaddr + part.p_memsz) / page * page;
        // What the kernel refuses, as for its own object, stays as it is.
        if (begin < end)
            (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void let_go_of_code() noexcept {
    ::dl_iterate_phdr(&let_go_of_object, nullptr);
}

}  // namespace periodic

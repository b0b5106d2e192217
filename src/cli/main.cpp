/// The `periodic` program, with the commands that Periodic brings.

#include "periodic/command_registry.hpp"
#include "periodic/program.hpp"

int main(int argc, char** argv) {
    return periodic::run_program(argc, argv, periodic::builtin_commands());
}

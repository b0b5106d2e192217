# periodic_add_commands(<target> <name>...): compiles commands/<name>.cpp for each name and
# generates builtin_commands(), so that a new command is one file and one word.
function(periodic_add_commands target)
  list(SORT ARGN)
  set(declarations "")
  set(additions "")
  foreach(name IN LISTS ARGN)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/commands/${name}.cpp")
    string(APPEND declarations "CommandType ${name}();\n")
    string(APPEND additions "    registry.add(commands::${name}()).value();\n")
  endforeach()
  configure_file("${PROJECT_SOURCE_DIR}/cmake/builtin_commands.cpp.in" builtin_commands.cpp @ONLY)
  target_sources(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/builtin_commands.cpp")
endfunction()

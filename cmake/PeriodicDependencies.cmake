include(CMakeDependentOption)

# Everything comes from Debian 12. Third-party headers stay in the one folder that wraps them.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Each shared library that is loaded costs a short run 0.1 to 0.2 ms. Debian's archives are not made
# for shared libraries.
cmake_dependent_option(PERIODIC_STATIC_DEPENDENCIES "Link the archives of Boost, pugixml and SQLite" ON
  "NOT BUILD_SHARED_LIBS" OFF)
set(Boost_USE_STATIC_LIBS ${PERIODIC_STATIC_DEPENDENCIES})
find_package(Boost 1.81 REQUIRED COMPONENTS filesystem json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(pugixml REQUIRED)
set(PERIODIC_PUGIXML pugixml::pugixml)
if(PERIODIC_STATIC_DEPENDENCIES)
  set(PERIODIC_PUGIXML pugixml::static)
  find_library(SQLite3_LIBRARY libsqlite3.a)
endif()
find_package(SQLite3 3.40 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(tl-expected REQUIRED)

# cctz comes without a CMake package; Debian has it where every compiler looks.
find_path(CCTZ_INCLUDE_DIR cctz/time_zone.h REQUIRED)
find_library(CCTZ_LIBRARY cctz REQUIRED)
add_library(periodic_cctz INTERFACE)
set_target_properties(periodic_cctz PROPERTIES EXPORT_NAME cctz)
target_include_directories(periodic_cctz SYSTEM INTERFACE "$<BUILD_INTERFACE:${CCTZ_INCLUDE_DIR}>")
target_link_libraries(periodic_cctz INTERFACE "$<BUILD_INTERFACE:${CCTZ_LIBRARY}>" "$<INSTALL_INTERFACE:cctz>")

# Read by cpack for each generator. A Debian package has files outside /usr, so it is installed
# below a staging root; an archive has what lies below the prefix alone.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_SET_DESTDIR ON)
  set(CPACK_INSTALL_PREFIX /usr)
  list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 build_directory)
  list(GET CPACK_INSTALL_CMAKE_PROJECTS 1 project)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS "${build_directory}" "${project}" system /)
endif()

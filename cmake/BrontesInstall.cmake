# install: libraries, headers, the protoc plugin, and what find_package(brontes) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(BRONTES_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/brontes)
install(EXPORT brontes NAMESPACE brontes:: FILE brontes-targets.cmake
        DESTINATION ${BRONTES_PACKAGE_DIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/brontes-config.cmake.in
  ${PROJECT_BINARY_DIR}/brontes-config.cmake INSTALL_DESTINATION ${BRONTES_PACKAGE_DIR}
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/brontes-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/brontes-config.cmake
  ${PROJECT_BINARY_DIR}/brontes-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/BrontesProto.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindCares.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindNghttp2.cmake
  DESTINATION ${BRONTES_PACKAGE_DIR})
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/proto DESTINATION ${BRONTES_PACKAGE_DIR})

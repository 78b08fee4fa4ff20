# cmake --install BUILD --prefix PREFIX: headers, libparallax.so, the tools and
# a package for find_package(Parallax). The result may be moved as a whole.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Parallax)
install(DIRECTORY include/parallax include/parallax-c DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
install(TARGETS parallax EXPORT ParallaxTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT ParallaxTargets NAMESPACE Parallax:: DESTINATION ${package})
configure_package_config_file(cmake/ParallaxConfig.cmake.in ${PROJECT_BINARY_DIR}/ParallaxConfig.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ParallaxConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ParallaxConfig.cmake ${PROJECT_BINARY_DIR}/ParallaxConfigVersion.cmake
        DESTINATION ${package})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
get_property(tools GLOBAL PROPERTY PARALLAX_TOOLS)
install(TARGETS ${tools} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

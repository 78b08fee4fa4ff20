# parallax_add_library(NAME SOURCES... [DEPENDS LIBS...] [NO_MLIR])
# One static library a folder. NO_MLIR: the folder may not see MLIR or LLVM.
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)

add_library(parallax_options INTERFACE)
target_include_directories(parallax_options INTERFACE
  ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(parallax_options INTERFACE
  -Wall -Wextra -Werror -Wno-unused-parameter -ffunction-sections -fdata-sections)
target_link_options(parallax_options INTERFACE -Wl,--gc-sections)

# The compiler's libraries share one precompiled header.
add_library(parallax_precompiled OBJECT ${PROJECT_BINARY_DIR}/Precompiled.cpp)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/Precompiled.cpp CONTENT "// Holds the precompiled header.\n")
target_link_libraries(parallax_precompiled PRIVATE parallax_options fmt::fmt-header-only parallax_llvm)
target_precompile_headers(parallax_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/Precompiled.h)
# Else a header's time is in the key, and ccache never finds anything.
target_compile_options(parallax_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")

function(parallax_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC parallax_options fmt::fmt-header-only ${ARG_DEPENDS})
  if(NOT ARG_NO_MLIR)
    target_link_libraries(${name} PUBLIC parallax_llvm)
    add_dependencies(${name} parallax_tablegen_all)
    target_precompile_headers(${name} REUSE_FROM parallax_precompiled)
  endif()
endfunction()

function(parallax_add_tool name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE parallax_options fmt::fmt-header-only ${ARG_DEPENDS})
  target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  set_property(GLOBAL APPEND PROPERTY PARALLAX_TOOLS ${name})
endfunction()

# Puts a test's program or library into the bundle, in one of its folders.
function(parallax_install_test name folder)
  install(TARGETS ${name} COMPONENT Tests EXCLUDE_FROM_ALL
          RUNTIME DESTINATION ${folder} LIBRARY DESTINATION ${folder})
  set_target_properties(${name} PROPERTIES INSTALL_RPATH $ORIGIN/../../${CMAKE_INSTALL_LIBDIR})
endfunction()

# parallax_add_unittest(NameTests SOURCES... [DEPENDS LIBS...] [NO_BUNDLE])
# A GoogleTest program that the check target builds and lit runs. NO_BUNDLE: it
# links the compiler's insides, and with them an LLVM of its own, for which a
# bundle has no room.
function(parallax_add_unittest name)
  cmake_parse_arguments(ARG "NO_BUNDLE" "" "DEPENDS" ${ARGN})
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "expected a unit test whose name ends in Tests, got ${name}")
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE parallax_options fmt::fmt-header-only ${ARG_DEPENDS}
                        GTest::gmock GTest::gtest GTest::gtest_main)
  target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/Unit)
  if(NOT ARG_NO_BUNDLE)
    parallax_install_test(${name} tests/Unit)
  endif()
  add_dependencies(parallax_tests ${name})
endfunction()

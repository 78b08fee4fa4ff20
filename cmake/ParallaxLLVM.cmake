# LLVM and MLIR, linked statically.
#
# The exported MLIR targets of the distributions always pull libLLVM.so, and
# one process can't hold both that and the static archives ("Option registered
# more than once"). A static tool starts in 6 ms instead of 30 and the bundle
# runs anywhere, so the archives are named here and the exported targets unused.

set(PARALLAX_LLVM_VERSION 22)
find_program(LLVM_CONFIG NAMES llvm-config-${PARALLAX_LLVM_VERSION} llvm-config REQUIRED)
execute_process(COMMAND ${LLVM_CONFIG} --version OUTPUT_VARIABLE LLVM_FOUND_VERSION
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT LLVM_FOUND_VERSION MATCHES "^${PARALLAX_LLVM_VERSION}\\.")
  message(FATAL_ERROR "expected LLVM ${PARALLAX_LLVM_VERSION}, got ${LLVM_FOUND_VERSION} (${LLVM_CONFIG}); "
                      "run scripts/setup, or pass -DLLVM_CONFIG=/path/to/llvm-config")
endif()
execute_process(COMMAND ${LLVM_CONFIG} --includedir OUTPUT_VARIABLE LLVM_INCLUDE_DIR OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE LLVM_LIBRARY_DIR OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --bindir OUTPUT_VARIABLE LLVM_TOOLS_DIR OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --link-static --libs native nvptx orcjit passes
                OUTPUT_VARIABLE LLVM_LIBS OUTPUT_STRIP_TRAILING_WHITESPACE)
separate_arguments(LLVM_LIBS)

find_program(MLIR_TBLGEN NAMES mlir-tblgen HINTS ${LLVM_TOOLS_DIR} REQUIRED)

# Archives are searched, not swallowed: only objects that are referenced are
# linked, so naming all of MLIR costs nothing but the search.
file(GLOB MLIR_ARCHIVES ${LLVM_LIBRARY_DIR}/libMLIR*.a)
list(FILTER MLIR_ARCHIVES EXCLUDE REGEX "libMLIR(CAPI|.*Test|Mlir)")
if(NOT MLIR_ARCHIVES)
  message(FATAL_ERROR "expected static MLIR archives in ${LLVM_LIBRARY_DIR}, got none; install libmlir-22-dev")
endif()

find_package(ZLIB REQUIRED)
find_library(ZSTD_STATIC NAMES libzstd.a REQUIRED)
find_library(ZLIB_STATIC NAMES libz.a REQUIRED)

add_library(parallax_llvm INTERFACE)
target_include_directories(parallax_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIR})
target_compile_definitions(parallax_llvm INTERFACE
  _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS __STDC_LIMIT_MACROS)
target_link_libraries(parallax_llvm INTERFACE
  -Wl,--start-group ${MLIR_ARCHIVES} ${LLVM_LIBS} -Wl,--end-group
  ${ZSTD_STATIC} ${ZLIB_STATIC} ${CMAKE_DL_LIBS} Threads::Threads m rt)
target_link_directories(parallax_llvm INTERFACE ${LLVM_LIBRARY_DIR})

# parallax_tablegen(TARGET SOURCE.td [GENERATOR OUTPUT]...)
# Runs mlir-tblgen; the outputs land in the build tree under the source's folder.
function(parallax_tablegen target source)
  set(outputs)
  set(pairs ${ARGN})
  while(pairs)
    list(POP_FRONT pairs generator output)
    separate_arguments(flags UNIX_COMMAND "${generator}")
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${output})
    add_custom_command(
      OUTPUT ${out}
      COMMAND ${MLIR_TBLGEN} ${flags} -I ${PROJECT_SOURCE_DIR} -I ${LLVM_INCLUDE_DIR}
              ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${out} -d ${out}.d
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
      DEPFILE ${out}.d
      COMMENT "mlir-tblgen ${output}")
    list(APPEND outputs ${out})
  endwhile()
  add_custom_target(${target} DEPENDS ${outputs})
  add_dependencies(parallax_tablegen_all ${target})
endfunction()
add_custom_target(parallax_tablegen_all)

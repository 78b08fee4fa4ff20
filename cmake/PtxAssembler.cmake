# nvPTXCompiler, NVIDIA's PTX assembler as a static library, which scripts/setup
# unpacks to build/deps. Without it kernels stop at PTX and the CUDA driver
# assembles them.
find_library(PARALLAX_NVPTXCOMPILER_LIBRARY NAMES libnvptxcompiler_static.a
  HINTS ${PROJECT_SOURCE_DIR}/build/deps/nvptxcompiler/lib NO_DEFAULT_PATH)
find_path(PARALLAX_NVPTXCOMPILER_INCLUDE_DIR NAMES nvPTXCompiler.h
  HINTS ${PROJECT_SOURCE_DIR}/build/deps/nvptxcompiler/include NO_DEFAULT_PATH)
if(PARALLAX_NVPTXCOMPILER_LIBRARY AND PARALLAX_NVPTXCOMPILER_INCLUDE_DIR)
  message(STATUS "PTX assembler: ${PARALLAX_NVPTXCOMPILER_LIBRARY}")
  # Its objects keep their constructors in .ctors, which lld does not run: the
  # assembler would crash on a lock that was never made.
  find_program(LLVM_OBJCOPY NAMES llvm-objcopy HINTS ${LLVM_TOOLS_DIR} REQUIRED NO_DEFAULT_PATH)
  set(renamed ${PROJECT_BINARY_DIR}/lib/libnvptxcompiler_init_array.a)
  add_custom_command(
    OUTPUT ${renamed}
    COMMAND ${LLVM_OBJCOPY} --rename-section .ctors=.init_array
            ${PARALLAX_NVPTXCOMPILER_LIBRARY} ${renamed}
    DEPENDS ${PARALLAX_NVPTXCOMPILER_LIBRARY}
    COMMENT "nvPTXCompiler: .ctors to .init_array")
  add_custom_target(nvptxcompiler_renamed DEPENDS ${renamed})
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
  add_library(nvptxcompiler STATIC IMPORTED)
  add_dependencies(nvptxcompiler nvptxcompiler_renamed)
  set_target_properties(nvptxcompiler PROPERTIES
    IMPORTED_LOCATION ${renamed}
    INTERFACE_INCLUDE_DIRECTORIES ${PARALLAX_NVPTXCOMPILER_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m;${CMAKE_DL_LIBS}")
else()
  message(STATUS "PTX assembler: not found, cubins are left to the driver (scripts/setup gets it)")
endif()

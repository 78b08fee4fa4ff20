# nvPTXCompiler, NVIDIA's PTX assembler as a static library, which scripts/setup
# unpacks to build/deps. Without it kernels stop at PTX and the CUDA driver
# assembles them.
find_library(PARALLAX_NVPTXCOMPILER_LIBRARY NAMES libnvptxcompiler_static.a
  HINTS ${PROJECT_SOURCE_DIR}/build/deps/nvptxcompiler/lib NO_DEFAULT_PATH)
find_path(PARALLAX_NVPTXCOMPILER_INCLUDE_DIR NAMES nvPTXCompiler.h
  HINTS ${PROJECT_SOURCE_DIR}/build/deps/nvptxcompiler/include NO_DEFAULT_PATH)
if(PARALLAX_NVPTXCOMPILER_LIBRARY AND PARALLAX_NVPTXCOMPILER_INCLUDE_DIR)
  message(STATUS "PTX assembler: ${PARALLAX_NVPTXCOMPILER_LIBRARY}")
  add_library(nvptxcompiler STATIC IMPORTED)
  set_target_properties(nvptxcompiler PROPERTIES
    IMPORTED_LOCATION ${PARALLAX_NVPTXCOMPILER_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${PARALLAX_NVPTXCOMPILER_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m;${CMAKE_DL_LIBS}")
else()
  message(STATUS "PTX assembler: not found, cubins are left to the driver (scripts/setup gets it)")
endif()

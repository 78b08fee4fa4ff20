# The static zip reader of libminizip-dev; neither Debian nor Ubuntu ships a
# CMake package for it.
find_path(MINIZIP_INCLUDE_DIR minizip/unzip.h REQUIRED)
find_library(MINIZIP_STATIC NAMES libminizip.a REQUIRED)
add_library(minizip_static STATIC IMPORTED)
set_target_properties(minizip_static PROPERTIES
  IMPORTED_LOCATION ${MINIZIP_STATIC}
  INTERFACE_INCLUDE_DIRECTORIES ${MINIZIP_INCLUDE_DIR}
  INTERFACE_LINK_LIBRARIES ${ZLIB_STATIC})

# parallax_embed_kernel(VARIABLE FILE [HEADER])
# Writes the text of runtime/kernels/FILE into a source that defines VARIABLE,
# a C string that <VARIABLE>_SOURCE names. NVRTC has no headers: the one that
# the kernel includes, if any, is pasted in.
function(parallax_embed_kernel variable file)
  set(folder ${PROJECT_SOURCE_DIR}/runtime/kernels)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
  file(READ ${folder}/${file} KERNEL_TEXT)
  foreach(header ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${header})
    file(READ ${folder}/${header} text)
    string(REPLACE "#include \"runtime/kernels/${header}\"" "${text}" KERNEL_TEXT "${KERNEL_TEXT}")
  endforeach()
  set(KERNEL_VARIABLE ${variable})
  set(KERNEL_FILE ${file})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${variable}.cpp)
  configure_file(${folder}/Embedded.cpp.in ${output} @ONLY)
  set(${variable}_SOURCE ${output} PARENT_SCOPE)
endfunction()

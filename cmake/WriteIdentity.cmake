# cmake -DOUTPUT=... -DROOT=... -DLLVM_VERSION=... -DFILES=a;b -P WriteIdentity.cmake
#
# Writes a C++ file that holds the hash of everything compiled code depends on:
# the compiler's sources and LLVM's version. Contents only, so that two builds
# of one source share what they cache.
set(text "LLVM ${LLVM_VERSION}\n")
list(SORT FILES)
foreach(name ${FILES})
  file(SHA256 ${ROOT}/${name} hash)
  string(APPEND text "${name} ${hash}\n")
endforeach()
string(SHA256 identity "${text}")
string(SUBSTRING ${identity} 0 32 identity)
file(WRITE ${OUTPUT} "namespace parallax {
extern const char *const kSourceIdentity;
const char *const kSourceIdentity = \"${identity}\";
} // namespace parallax
")

# What a test may use, and which tests this machine can run.
#
# Loaded by lit.site.cfg.py: the one CMake writes into a build tree, or the one
# in a bundle, where the tools stand beside the tests and there is no build.

import ctypes
import os
import shutil
import sys

import lit.formats

config.name = "Parallax"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["found", "data", "Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = config.parallax_exec_root

# Tools ----------------------------------------------------------------------

tools = config.parallax_tools_dir
config.environment["PATH"] = os.pathsep.join(
    [tools, os.path.dirname(config.parallax_filecheck), os.environ.get("PATH", "")]
)
for name in ("parallax-opt", "parallax-compile", "parallax-run", "parallax-bench"):
    if os.path.exists(os.path.join(tools, name)):
        config.available_features.add(name)
# A cache of its own, so that no test sees what another run left behind.
config.environment["PARALLAX_CACHE_DIR"] = os.path.join(config.test_exec_root, "cache")

config.substitutions += [
    ("%python", sys.executable),
    ("%data", os.path.join(config.test_source_root, "data")),
    ("%tools", tools),
    # Programs that only tests need.
    ("%test-bin", config.parallax_test_programs),
    # Tests of thousands of cases take a sample of them, or with
    # scripts/test --thorough all.
    ("%sample", "" if "thorough" in lit_config.params else "--sample"),
]

# What needs the sources and the build tree is left out of a bundle.
if config.parallax_source_dir:
    config.available_features.add("source-tree")
    for name, program in (("clang-format", "clang-format-22"), ("shellcheck", "shellcheck")):
        if shutil.which(program):
            config.available_features.add(name)
    config.substitutions += [
        ("%source", config.parallax_source_dir),
        ("%build", config.parallax_build_dir),
        ("%cmake", config.parallax_cmake),
        ("%mlir-tblgen", config.parallax_mlir_tblgen),
        ("%llvm-include", config.parallax_llvm_include),
    ]

# Features -------------------------------------------------------------------

if config.parallax_has_assembler:
    config.available_features.add("assembler")
if config.parallax_sanitized:
    config.available_features.add("sanitized")
    # LLVM's own command-line options live until exit.
    # LLVM's archives are not sanitized: what its headers poison in our objects,
    # the archives use all the same.
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_container_overflow=0:detect_leaks=0"


def cuda_device():
    """Returns (compute capability, None), or (None, why there is no device)."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None, "libcuda.so.1 is not there"
    status = driver.cuInit(0)
    if status != 0:
        return None, "cuInit returned %d" % status
    count = ctypes.c_int()
    driver.cuDeviceGetCount(ctypes.byref(count))
    if count.value == 0:
        return None, "the driver sees no device"
    device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    driver.cuDeviceGet(ctypes.byref(device), 0)
    driver.cuDeviceGetAttribute(ctypes.byref(major), 75, device)
    driver.cuDeviceGetAttribute(ctypes.byref(minor), 76, device)
    return (major.value, minor.value), None


capability, reason = cuda_device()
if capability is None:
    lit_config.note("GPU tests are skipped: " + reason)
elif capability != (9, 0):
    lit_config.note("GPU tests are skipped: expected compute capability 9.0, got %d.%d" % capability)
else:
    config.available_features.add("cuda")
    for name in ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"):
        if name in os.environ:
            config.environment[name] = os.environ[name]

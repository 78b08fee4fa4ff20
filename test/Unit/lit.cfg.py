# The GoogleTest programs, each of which ends in "Tests".

import os

import lit.formats

config.name = "Parallax-Unit"
config.suffixes = []
config.test_source_root = config.test_exec_root = config.parallax_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")

# Where a test finds golden cases, and where it may write.
config.environment["PARALLAX_TEST_DATA"] = config.parallax_data_dir
for name in ("TMPDIR", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
if config.parallax_sanitized:
    # LLVM's archives are not sanitized: what its headers poison in our objects,
    # the archives use all the same.
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_container_overflow=0:detect_leaks=0"

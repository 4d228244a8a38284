# SPDX-License-Identifier: Apache-2.0
# Everything a builder may choose. Defaults are for someone who only wants the program; the
# presets are for those who work on it.
include_guard(GLOBAL)

option(RAZORSIM_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(RAZORSIM_BUILD_BENCHMARKS "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(RAZORSIM_WARNINGS_AS_ERRORS "Treat warnings as errors (for developers)" OFF)
option(RAZORSIM_ASSERTIONS "Keep assert() and the library's own checks in optimised code" OFF)
option(RAZORSIM_PRECOMPILED_HEADER "Compile the standard headers once" ON)
option(RAZORSIM_CCACHE "Use ccache where it is installed" ON)
option(RAZORSIM_COVERAGE "Instrument for gcov" OFF)
option(RAZORSIM_TIDY "Run clang-tidy with each compilation" OFF)
set(RAZORSIM_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(RAZORSIM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(RAZORSIM_CCACHE_PROGRAM ccache)
  mark_as_advanced(RAZORSIM_CCACHE_PROGRAM)
  if(RAZORSIM_CCACHE_PROGRAM)
    # With a precompiled header ccache only ever hits when it may overlook the header's own
    # macros and time stamps; the contents are hashed all the same.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        "${RAZORSIM_CCACHE_PROGRAM}")
  endif()
endif()

if(RAZORSIM_TIDY)
  find_program(RAZORSIM_TIDY_PROGRAM NAMES clang-tidy-14 clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${RAZORSIM_TIDY_PROGRAM}")
  set(RAZORSIM_PRECOMPILED_HEADER OFF)  # clang can't read the one g++ wrote
endif()

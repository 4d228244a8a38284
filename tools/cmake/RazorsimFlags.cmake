# SPDX-License-Identifier: Apache-2.0
# razorsim_flags: the one place that says how a unit is compiled. Linked privately by every target.
include_guard(GLOBAL)

add_library(razorsim_flags INTERFACE)
# Includes read from the root: #include "models/base/units.h".
target_include_directories(razorsim_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(razorsim_flags INTERFACE
  # A fused multiply-add rounds once where two instructions round twice. Results must be the same
  # bytes on every x86-64 machine, so the compiler never fuses, and there is no -march=native.
  -ffp-contract=off
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wfloat-conversion -Wcast-qual -Wformat=2
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow=compatible-local>
  # g++ 12 sees these in its own std::string and in fmt once they are inlined (GCC bug 105329).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
  $<$<BOOL:${RAZORSIM_WARNINGS_AS_ERRORS}>:-Werror>
  $<$<BOOL:${RAZORSIM_ASSERTIONS}>:-UNDEBUG>)
if(RAZORSIM_ASSERTIONS)
  target_compile_definitions(razorsim_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()

if(RAZORSIM_SANITIZE)
  target_compile_options(razorsim_flags INTERFACE
    -fsanitize=${RAZORSIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(razorsim_flags INTERFACE -fsanitize=${RAZORSIM_SANITIZE})
endif()
if(RAZORSIM_COVERAGE)
  target_compile_options(razorsim_flags INTERFACE --coverage)
  target_link_options(razorsim_flags INTERFACE --coverage)
endif()

set(THREADS_PREFER_PTHREAD_FLAG OFF)  # -pthread would be a macro the precompiled header lacks
find_package(Threads REQUIRED)
target_link_libraries(razorsim_flags INTERFACE Threads::Threads)

# The standard headers, compiled once and shared by every target.
if(RAZORSIM_PRECOMPILED_HEADER)
  file(WRITE "${PROJECT_BINARY_DIR}/pch/pch.cpp.in" "// Carries the precompiled header; empty.\n")
  configure_file("${PROJECT_BINARY_DIR}/pch/pch.cpp.in" "${PROJECT_BINARY_DIR}/pch/pch.cpp" COPYONLY)
  add_library(razorsim_pch OBJECT "${PROJECT_BINARY_DIR}/pch/pch.cpp")
  target_link_libraries(razorsim_pch PRIVATE razorsim_flags)
  target_precompile_headers(razorsim_pch PRIVATE
    <algorithm> <array> <cmath> <cstdint> <cstring> <functional> <limits> <map> <memory>
    <optional> <ostream> <span> <sstream> <string> <string_view> <tuple> <type_traits>
    <unordered_map> <utility> <variant> <vector>)
  if(RAZORSIM_CCACHE_PROGRAM AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(razorsim_flags INTERFACE -fpch-preprocess)  # else ccache never hits
  endif()
endif()

# Applies the flags to a compiled target.
function(razorsim_flag target)
  target_link_libraries(${target} PRIVATE razorsim_flags)
  if(RAZORSIM_PRECOMPILED_HEADER)
    target_precompile_headers(${target} REUSE_FROM razorsim_pch)
  endif()
endfunction()

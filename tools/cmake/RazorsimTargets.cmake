# SPDX-License-Identifier: Apache-2.0
# The kinds of target there are.
include_guard(GLOBAL)

# razorsim_library(<folder> [DEPS <library>...] [PACKAGES <imported target>...])
#
# The library razorsim_<last part of the folder> of all .cpp files in the folder; main.cpp belongs
# to a program and stays out. Sources are globbed so that a new module is a pair of files and no
# edit; CONFIGURE_DEPENDS makes the build notice. Links are private: whoever includes a header
# names its library in its own DEPS. A folder without sources is an interface library.
function(razorsim_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPS;PACKAGES")
  get_filename_component(name "${folder}" NAME)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  list(TRANSFORM arg_DEPS PREPEND razorsim_)
  if(sources)
    add_library(razorsim_${name} STATIC ${sources})
    razorsim_flag(razorsim_${name})
    target_link_libraries(razorsim_${name} PRIVATE ${arg_DEPS} ${arg_PACKAGES})
  else()
    add_library(razorsim_${name} INTERFACE)
    target_link_libraries(razorsim_${name} INTERFACE ${arg_DEPS} ${arg_PACKAGES})
  endif()
  add_library(razorsim::${name} ALIAS razorsim_${name})
endfunction()

# razorsim_define(<library> <definition>...): definitions for this one library.
function(razorsim_define name)
  get_target_property(type razorsim_${name} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    target_compile_definitions(razorsim_${name} PRIVATE ${ARGN})
  endif()
endfunction()

# razorsim_program(<name> FROM <folder> DEPS <library>...): the folder's main.cpp, in the root of
# the build directory. Skipped while there is no main.cpp.
function(razorsim_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FROM" "DEPS")
  file(GLOB main CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${arg_FROM}/main.cpp")
  if(NOT main)
    message(STATUS "No ${arg_FROM}/main.cpp: program ${name} is left out")
    return()
  endif()
  add_executable(${name} ${main})
  razorsim_flag(${name})
  list(TRANSFORM arg_DEPS PREPEND razorsim_)
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
endfunction()

# SPDX-License-Identifier: Apache-2.0
# SystemC::systemc, from SystemC's own CMake package or else from pkg-config (Debian's package has
# no CMake files).
#
# The library carries the C++ standard it was built with in the name of a symbol and refuses to
# link with a unit of another standard. SC_CPLUSPLUS makes a unit claim that standard; which one
# is found by linking.
#
# The library also wants a symbol sc_main, though we enter by an ordinary main. A static library
# with an empty one comes along with the target, so no program has to know.
include_guard(GLOBAL)

find_package(SystemCLanguage CONFIG QUIET)
if(NOT TARGET SystemC::systemc)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET GLOBAL systemc)
  add_library(razorsim_systemc INTERFACE)
  target_link_libraries(razorsim_systemc INTERFACE PkgConfig::SYSTEMC)

  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES PkgConfig::SYSTEMC)
  set(CMAKE_REQUIRED_QUIET ON)
  set(probe "#include <systemc>
             int sc_main(int, char*[]) { return 0; }
             int main() { return sc_core::sc_time(1, sc_core::SC_NS).to_seconds() > 1; }")
  set(found "")
  foreach(standard none 202002L 201703L 201402L 201103L)
    set(CMAKE_REQUIRED_DEFINITIONS)
    if(NOT standard STREQUAL "none")
      set(CMAKE_REQUIRED_DEFINITIONS -DSC_CPLUSPLUS=${standard})
    endif()
    check_cxx_source_compiles("${probe}" RAZORSIM_SYSTEMC_LINKS_${standard})
    if(RAZORSIM_SYSTEMC_LINKS_${standard})
      set(found ${standard})
      break()
    endif()
  endforeach()
  unset(CMAKE_REQUIRED_LIBRARIES)
  unset(CMAKE_REQUIRED_DEFINITIONS)
  unset(CMAKE_REQUIRED_QUIET)
  if(NOT found)
    message(FATAL_ERROR "The installed SystemC links with no C++ standard this compiler offers.")
  endif()
  if(NOT found STREQUAL "none")
    target_compile_definitions(razorsim_systemc INTERFACE SC_CPLUSPLUS=${found})
  endif()
  # sc_spawn is used by modules whose number of threads is a setting.
  target_compile_definitions(razorsim_systemc INTERFACE SC_INCLUDE_DYNAMIC_PROCESSES)
  message(STATUS "SystemC ${SYSTEMC_VERSION} by pkg-config, SC_CPLUSPLUS: ${found}")

  add_library(razorsim_sc_main STATIC "${CMAKE_CURRENT_LIST_DIR}/sc_main.cpp")
  target_link_libraries(razorsim_systemc INTERFACE razorsim_sc_main)
  add_library(SystemC::systemc ALIAS razorsim_systemc)
endif()

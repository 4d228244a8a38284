# SPDX-License-Identifier: Apache-2.0
# The RTL beside the model: Verilog benches turned into C++ by Verilator, where it is installed.
# Without it the tests say so and are skipped.
include_guard(GLOBAL)
find_package(verilator 5 QUIET HINTS $ENV{VERILATOR_ROOT})
if(NOT verilator_FOUND)
  message(STATUS "No Verilator 5: the tests of the RTL are skipped (Debian package verilator)")
endif()

# razorsim_rtl_bench(<test target> <bench.v>): class <Bench> of <bench>.h, made of tests' bench.v and
# models/arithmetic/rtl, linked to the target with the definition RAZORSIM_RTL.
function(razorsim_rtl_bench target bench)
  if(NOT verilator_FOUND OR NOT TARGET ${target})
    return()
  endif()
  file(GLOB rtl CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/models/arithmetic/rtl/*.v")
  get_filename_component(top "${bench}" NAME_WE)
  add_library(razorsim_${top} STATIC)
  # The language is named because Verilator otherwise reads SystemVerilog, which has more keywords.
  # The width warnings are about Verilog's implicit extension, which the units use on purpose; the
  # other is about simulation speed.
  verilate(razorsim_${top} SOURCES "${bench}" ${rtl} TOP_MODULE ${top} PREFIX ${top}
    DIRECTORY "${PROJECT_BINARY_DIR}/rtl/${top}"
    VERILATOR_ARGS --language 1364-2005 -Wno-WIDTH -Wno-UNOPTFLAT)
  target_compile_options(razorsim_${top} PRIVATE -w -O1)  # generated; -O2 compiles for minutes
  target_link_libraries(${target} PRIVATE razorsim_${top})
  get_target_property(include razorsim_${top} INTERFACE_INCLUDE_DIRECTORIES)
  target_include_directories(${target} SYSTEM PRIVATE ${include})
  target_compile_definitions(${target} PRIVATE RAZORSIM_RTL)
endfunction()

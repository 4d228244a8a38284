# SPDX-License-Identifier: Apache-2.0
# The tests: one executable for each folder of tests/, each test its own process.
include_guard(GLOBAL)
include(GoogleTest)
include(RazorsimRtl)

set(all_libraries ${models} hardware ${traces} config values result machine eval app)

# tests/support: what areas share. systemc_main.cpp is the main of those that elaborate modules.
file(GLOB support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")
list(FILTER support EXCLUDE REGEX "/systemc_main\\.cpp$")

# razorsim_test_area(<area> DEPS <library>... [SYSTEMC])
#
# tests/<area>/*.cpp as one executable <area>_test. SystemC elaborates once a process and keeps
# its state in globals, so ctest runs every single test in a process of its own. Tests know
# RAZORSIM_TEST_SOURCE_DIR (the root of the source tree) and RAZORSIM_PROGRAM (the built program).
function(razorsim_test_area area)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SYSTEMC" "" "DEPS")
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${area}/*.cpp")
  if(NOT sources)
    return()
  endif()
  set(target ${area}_test)
  add_executable(${target} ${sources} ${support})
  razorsim_flag(${target})
  list(TRANSFORM arg_DEPS PREPEND razorsim_)
  target_link_libraries(${target} PRIVATE
    ${arg_DEPS} nlohmann_json::nlohmann_json fmt::fmt GTest::gmock GTest::gtest)
  if(arg_SYSTEMC)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/systemc_main.cpp")
    target_link_libraries(${target} PRIVATE SystemC::systemc)
  else()
    target_link_libraries(${target} PRIVATE GTest::gmock_main)
  endif()
  target_compile_definitions(${target} PRIVATE
    RAZORSIM_TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(TARGET razorsim)
    target_compile_definitions(${target} PRIVATE RAZORSIM_PROGRAM="$<TARGET_FILE:razorsim>")
    add_dependencies(${target} razorsim)
  endif()
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  gtest_discover_tests(${target}
    TEST_PREFIX "${area}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 60 LABELS ${area})
endfunction()

razorsim_test_area(base       DEPS base)
razorsim_test_area(formats    DEPS formats base)
razorsim_test_area(operators  DEPS operators base)
razorsim_test_area(arithmetic DEPS arithmetic formats base)
razorsim_test_area(mapping    DEPS mapping formats base)
razorsim_test_area(energy     DEPS config energy base)
razorsim_test_area(hardware   DEPS hardware ${models} SYSTEMC)
razorsim_test_area(traces     DEPS ${traces} ${models})
razorsim_test_area(sim        DEPS ${all_libraries} SYSTEMC)
razorsim_test_area(system     DEPS ${all_libraries} SYSTEMC)
razorsim_test_area(errors     DEPS ${all_libraries} SYSTEMC)
razorsim_test_area(fidelity   DEPS ${all_libraries} SYSTEMC)

razorsim_rtl_bench(arithmetic_test "${PROJECT_SOURCE_DIR}/tests/arithmetic/rtl_bench.v")
razorsim_rtl_bench(arithmetic_test "${PROJECT_SOURCE_DIR}/tests/arithmetic/rtl_array_bench.v")
razorsim_rtl_bench(arithmetic_test "${PROJECT_SOURCE_DIR}/tests/arithmetic/rtl_floating_bench.v")
razorsim_rtl_bench(fidelity_test "${PROJECT_SOURCE_DIR}/tests/fidelity/rtl_stationary_bench.v")

# Benchmarks are built, so they can't rot, but never timed by ctest: a busy machine is no failure.
if(RAZORSIM_BUILD_BENCHMARKS)
  file(GLOB benchmarks CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/performance/*.cpp")
  foreach(source IN LISTS benchmarks)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    razorsim_flag(${name})
    set(libraries ${all_libraries})
    list(TRANSFORM libraries PREPEND razorsim_)
    target_link_libraries(${name} PRIVATE
      ${libraries} SystemC::systemc fmt::fmt benchmark::benchmark benchmark::benchmark_main)
    target_compile_definitions(${name} PRIVATE RAZORSIM_TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    set_target_properties(${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/performance")
  endforeach()
endif()

if(EXISTS "${PROJECT_SOURCE_DIR}/tools/check_layers.py")
  add_test(NAME layers COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tools/check_layers.py")
  set_tests_properties(layers PROPERTIES TIMEOUT 60 LABELS layers)
endif()

# The Python side is one test here; pytest tells its own story on failure.
set(venv_python "${PROJECT_SOURCE_DIR}/.venv/bin/python")
if(EXISTS "${venv_python}" AND EXISTS "${PROJECT_SOURCE_DIR}/tests/python")
  add_test(NAME python COMMAND "${venv_python}" -m pytest -q -rs "${PROJECT_SOURCE_DIR}/tests/python"
           WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(python PROPERTIES TIMEOUT 600 LABELS python)
  if(TARGET razorsim)
    set_tests_properties(python PROPERTIES ENVIRONMENT "RAZORSIM_PROGRAM=$<TARGET_FILE:razorsim>")
  endif()
endif()

# mcbatch_room(NAME SOURCES file... ABOVE room... LIBRARIES target...)
#
# One room of the library: a static library of src/NAME whose public headers are include/mcbatch/NAME. ABOVE names the
# rooms it includes; the arrows point one way, and tests/rooms.cmake holds every #include to that.
function(mcbatch_room name)
  cmake_parse_arguments(room "" "" "SOURCES;ABOVE;LIBRARIES" ${ARGN})
  add_library(mcbatch_${name} STATIC ${room_SOURCES})
  target_include_directories(mcbatch_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM room_ABOVE PREPEND mcbatch_)
  target_link_libraries(mcbatch_${name} PUBLIC ${room_ABOVE} ${room_LIBRARIES} PRIVATE mcbatch_warnings)
endfunction()

# mcbatch_test(NAME SOURCES file... LIBRARIES target...): one Boost.Test program and its CTest entry.
function(mcbatch_test name)
  cmake_parse_arguments(test "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(test_${name} ${test_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/main.cpp)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(test_${name} PRIVATE ${test_LIBRARIES} Boost::unit_test_framework mcbatch_warnings)
  add_test(NAME ${name} COMMAND test_${name} --log_level=test_suite)
  if(NOT test_TIMEOUT)
    set(test_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${test_TIMEOUT} LABELS "${test_LABELS}")
endfunction()

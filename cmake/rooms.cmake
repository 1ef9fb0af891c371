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

# What a test does itself takes no time, but to compile it does: with these options, two thirds as much. Under
# sanitizers, which look at each step, to run it takes time as well, and so it is optimized a little.
if(MCBATCH_SANITIZE)
  set(quickly_compiled -O1 -g1)
else()
  set(quickly_compiled -O0 -g1)
endif()

# mcbatch_test(NAME SOURCES file... LIBRARIES target... [TIMEOUT s] [LABELS label...] [LONG] [MEMORY_CASES] [ASIO])
#
# One Boost.Test program and its CTest entry. ASIO: its files include Asio, which is precompiled. A label says what a run
# under sanitizers, which take memory and time of their own, leaves out:
#
#   memory   it bounds the memory that is used. MEMORY_CASES: those cases that carry this label (of Boost.Test's) do,
#            and are the entry NAME_memory
#   time     it holds real time against what is possible
#   long     it computes for minutes (LONG): it begins first, and gives way to the tests beside it
function(mcbatch_test name)
  cmake_parse_arguments(test "LONG;MEMORY_CASES;ASIO" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(test_${name} ${test_SOURCES})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(test_${name} PRIVATE ${test_LIBRARIES} mcbatch_test_main mcbatch_warnings)
  if(test_ASIO)
    target_precompile_headers(test_${name} REUSE_FROM mcbatch_loop)
  elseif(NOT test_LONG)
    target_compile_options(test_${name} PRIVATE ${quickly_compiled})
  endif()
  if(NOT test_TIMEOUT)
    set(test_TIMEOUT 120)
  endif()
  if(MCBATCH_SANITIZE)
    math(EXPR test_TIMEOUT "5 * ${test_TIMEOUT}")
  endif()
  set(run $<TARGET_FILE:test_${name}> --log_level=test_suite)
  if(test_LONG)
    list(PREPEND run nice -n 10)
    if(NOT MCBATCH_SANITIZE)
      target_link_libraries(test_${name} PRIVATE ${jemalloc}) # as the program has it
    endif()
    list(APPEND test_LABELS long)
  endif()
  if(test_MEMORY_CASES)
    add_test(NAME ${name}_memory COMMAND ${run} --run_test=@memory)
    set_tests_properties(${name}_memory PROPERTIES TIMEOUT ${test_TIMEOUT} LABELS memory)
    list(APPEND run --run_test=!@memory)
  endif()
  add_test(NAME ${name} COMMAND ${run})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${test_TIMEOUT} LABELS "${test_LABELS}")
  if(test_LONG)
    set_tests_properties(${name} PROPERTIES COST 1000)
  endif()
endfunction()

# A build under GCC's sanitizers: -DMCBATCH_SANITIZE=address,undefined or =thread; tests/run.sh --sanitize makes both.
#
# A finding ends the process there and then, with exit code 99, which is none of the program's own. The report is in
# FOLDER/findings, that of undefined behaviour on standard error. These settings are compiled in, as tests start the
# program with an environment of their own.
if(NOT MCBATCH_SANITIZE)
  return()
endif()

set(findings ${PROJECT_BINARY_DIR}/findings)
file(MAKE_DIRECTORY ${findings})
add_library(mcbatch_sanitizer_options OBJECT ${CMAKE_CURRENT_LIST_DIR}/sanitizer_options.cpp)
target_compile_definitions(mcbatch_sanitizer_options PRIVATE MCBATCH_FINDINGS="${findings}/report")
target_link_libraries(mcbatch_warnings INTERFACE $<TARGET_OBJECTS:mcbatch_sanitizer_options>)

# Line numbers are all that a report needs. Optimized for more than that, Beast and Asio take twice as long to compile.
add_compile_options(-fsanitize=${MCBATCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -Og -g1)
add_link_options(-fsanitize=${MCBATCH_SANITIZE})
# To see whether it may look at an object, the check of dynamic types opens a pipe: where a test lets a process have no
# more files, it takes sound objects for bad ones.
if(MCBATCH_SANITIZE MATCHES "undefined")
  add_compile_options(-fno-sanitize=vptr)
endif()
# Containers and iterators check their use.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
# Recycled coroutine frames hide a use after free from the sanitizer.
add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
if(MCBATCH_SANITIZE STREQUAL "thread")
  add_compile_options(-Wno-tsan) # Asio's fences: g++ 12 warns of each
endif()

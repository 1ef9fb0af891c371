# What every target of the project is compiled with. Warnings are errors.
add_library(mcbatch_warnings INTERFACE)
target_compile_options(mcbatch_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wduplicated-cond -Wduplicated-branches -Wlogical-op
  -Wformat=2 -Wimplicit-fallthrough -Wundef -Werror)

if(MCBATCH_SANITIZE)
  add_compile_options(-fsanitize=${MCBATCH_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MCBATCH_SANITIZE})
  # Recycled coroutine frames hide a use after free from the sanitizer.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
  if(MCBATCH_SANITIZE STREQUAL "thread")
    add_compile_options(-Wno-tsan) # Asio's fences: g++ 12 warns of each
  endif()
endif()

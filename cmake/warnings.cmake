# What every target of the project is compiled with. Warnings are errors.
add_library(mcbatch_warnings INTERFACE)
target_compile_options(mcbatch_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wduplicated-cond -Wduplicated-branches -Wlogical-op
  -Wformat=2 -Wimplicit-fallthrough -Wundef -Werror)

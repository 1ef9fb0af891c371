// What the sanitizers ask each program for when it starts. ASAN_OPTIONS and its like in the environment come on top.

#define MCBATCH_ON_FINDING "halt_on_error=1:exitcode=99:log_path=" MCBATCH_FINDINGS

extern "C" {

const char* __asan_default_options() {
  return MCBATCH_ON_FINDING ":detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1"
                            ":check_initialization_order=1:strict_init_order=1";
}

const char* __ubsan_default_options() {
  return MCBATCH_ON_FINDING ":print_stacktrace=1";
}

const char* __lsan_default_options() {
  return MCBATCH_ON_FINDING;
}

const char* __tsan_default_options() {
  return MCBATCH_ON_FINDING ":second_deadlock_stack=1";
}
}

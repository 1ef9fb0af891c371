// Prints the live page that begins with the picture on standard input.

#include <mcbatch/report/page.hpp>

#include <iostream>
#include <iterator>
#include <string>

int main() {
  const std::string picture{std::istreambuf_iterator<char>(std::cin), {}};
  std::cout << mcbatch::report::page_html(mcbatch::report::page_kind::live, picture);
}

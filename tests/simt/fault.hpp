#pragma once
#include <stdexcept>
#include <string>

namespace oct::simt {

/// PTX that the interpreter does not know, or a program that did what no GPU would allow. The message names file and
/// line. An exception, since nothing but a test or a command line could do anything about it.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace oct::simt

// Asio's own code, compiled once.
#include "net/asio.hpp"
// after our settings
#include <asio/impl/src.hpp>

#pragma once
#include "net/asio.hpp"

#if !defined(_WIN32)
#include <asio/posix/stream_descriptor.hpp>
#endif

// Asio's pipes and other descriptors, where the system has them. For net/ and process/ alone.

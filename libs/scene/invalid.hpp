#pragma once
#include "codec/invalid.hpp"

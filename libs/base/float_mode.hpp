#pragma once

namespace oct {

/// Sets round-to-nearest, all exceptions masked, denormals kept (no FTZ, no DAZ) for the calling thread. A
/// library linked with -ffast-math may have changed that before main. Called first by every thread that
/// computes what a hash covers.
void set_float_mode();

/// Whether the calling thread has exactly that mode.
bool float_mode_is_set();

}  // namespace oct

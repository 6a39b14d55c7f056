#pragma once

namespace oct {

/// Lets other programs of this computer go first from now on (nice 10, or Windows' class below normal). To be
/// called before threads are made: on Linux they inherit it from their maker.
void lower_process_priority();

}  // namespace oct

#include "trace_rays_impl.hpp"

static_assert(__builtin_strcmp(OCT_ISA_NAME, "x64") == 0);

namespace oct::test {
constexpr Tracers kTracersX64 = OCT_ISA::kTracers;
}

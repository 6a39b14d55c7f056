#include "trace_rays_impl.hpp"

static_assert(__builtin_strcmp(OCT_ISA_NAME, "v3") == 0);

namespace oct::test {
constexpr Tracers kTracersV3 = OCT_ISA::kTracers;
}

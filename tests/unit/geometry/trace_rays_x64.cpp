#include "trace_rays_impl.hpp"

static_assert(__builtin_strcmp(OCT_ISA_NAME, "x64") == 0);

namespace oct::test {
constexpr Tracer kTracerX64{OCT_ISA::closest_wide,   OCT_ISA::closest_many,   OCT_ISA::closest_compact,
                            OCT_ISA::occlusion_wide, OCT_ISA::occlusion_many, OCT_ISA::occlusion_compact};
}

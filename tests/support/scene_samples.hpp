#pragma once
#include "base/bytes.hpp"

// Small valid files that use much of what their formats offer: seeds of the robustness tests and of the
// fuzzers.

namespace oct::test {

Bytes sample_glb();
Bytes sample_gltf();
/// Nodes, skins, morph targets, copies, an orthographic camera and what animates them.
Bytes sample_posed_gltf();
Bytes sample_obj();
Bytes sample_mtl();
Bytes sample_png();
Bytes sample_jpeg();
Bytes sample_hdr();
/// compression: 0 none, 1 RLE, 2 ZIPS, 3 ZIP, 4 PIZ, 5 PXR24.
Bytes sample_exr(unsigned compression);

}  // namespace oct::test

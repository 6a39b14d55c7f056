oct_test(RENDERER draco_test.cpp exr_test.cpp hdr_test.cpp jpeg_test.cpp meshopt_test.cpp png_test.cpp stb_pictures_test.cpp tiff_test.cpp
  webp_test.cpp)
oct_test_groups(windows borders)

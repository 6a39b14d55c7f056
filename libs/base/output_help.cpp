#include "base/output_help.hpp"

#include <cerrno>

namespace oct {

std::string output_help(int code) {
  switch (code) {
    case ENOSPC: return "make room there";
#ifdef EDQUOT
    case EDQUOT: return "make room there, or have your quota raised";
#endif
    case EFBIG: return "choose a disk, or a limit, that allows files of this size";
    case EROFS: return "make its disk writable, or choose another folder";
    case ENOENT: return "bring its folder back, or choose another one";
    case EEXIST:
    case ENOTDIR: return "remove the file that is where its folder should be";
    case EACCES:
    case EPERM: return "get the right to write there, or choose another folder";
    case ENOMEM: return "leave this program more memory";
    case EPIPE: return "start its reader again";
    case EIO:
    case ENXIO:
    case ENODEV:
#ifdef ESTALE
    case ESTALE:
#endif
      return "check the disk or share";
    default: return {};
  }
}

}  // namespace oct

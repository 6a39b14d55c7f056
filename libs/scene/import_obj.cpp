#include "scene/import_obj.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "math/vec.hpp"
#include "scene/import_log.hpp"
#include "scene/mesh_cleanup.hpp"
#include "scene/obj_material.hpp"
#include "scene/obj_text.hpp"
#include "scene/placement.hpp"
#include "scene/recentre.hpp"
#include "scene/scene_files.hpp"
#include "scene/similar_names.hpp"
#include "scene/triangulate.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kAbsent = 0xffffffffu;
constexpr std::uint32_t kMended = 0xfffffffeu;  ///< the index of a texture coordinate that does not exist

/// A corner of a face, counted from 0.
struct Corner {
  std::uint32_t position = kAbsent, uv = kAbsent, normal = kAbsent;
  friend bool operator==(const Corner&, const Corner&) = default;
};

struct CornerHash {
  std::size_t operator()(const Corner& corner) const {
    std::uint64_t hash = corner.position * std::uint64_t{0x9e3779b97f4a7c15};
    hash = (hash ^ corner.uv ^ hash >> 29) * std::uint64_t{0xbf58476d1ce4e5b9};
    hash = (hash ^ corner.normal ^ hash >> 32) * std::uint64_t{0x94d049bb133111eb};
    return static_cast<std::size_t>(hash ^ hash >> 31);
  }
};

/// A vertex that cannot be understood.
constexpr Vec3 kNowhere{kInfinity, kInfinity, kInfinity};

/// The numbers of the whole file.
struct Attributes {
  std::optional<std::array<double, 3>> origin;  ///< of the positions, in the file's coordinates
  std::vector<Vec3> positions;
  std::vector<Vec3> colors;  ///< empty, or as long as positions
  std::vector<Vec2> uvs;
  std::vector<Vec3> normals;
};

/// How many of each the lines so far have given: what negative indices count from.
struct Counts {
  std::size_t positions = 0, uvs = 0, normals = 0;
};

/// First pass: v, vt and vn. Faces may name vertices that come after them.
class AttributeReader {
 public:
  AttributeReader(ByteView file, ImportLog& log) : lines_(file), log_(log) {}

  Attributes read() {
    while (auto line = lines_.next()) {
      if (log_.is_full()) break;
      std::string_view rest = *line;
      const std::string_view keyword = take_word(rest);
      if (keyword == "v") read_position(rest);
      if (keyword == "vt") read_uv(rest);
      if (keyword == "vn") read_normal(rest);
    }
    if (!attributes_.colors.empty()) attributes_.colors.resize(attributes_.positions.size(), {1, 1, 1});
    return std::move(attributes_);
  }

 private:
  /// At least `least` finite numbers; none where there are not, so that later indices stay right.
  std::optional<std::vector<double>> numbers(std::string_view rest, std::size_t least, std::size_t most,
                                             const char* else_mended) {
    auto values = take_doubles(rest, most);
    if (values && values->size() >= least) return values;
    mend(else_mended);
    return std::nullopt;
  }

  void mend(const char* text) { log_.mend(fmt::format("line {}", lines_.number()), text); }

  static const char* why_no_vertex(std::string_view rest) {
    return rest.find(',') == std::string_view::npos
               ? "a vertex is not three finite numbers; faces that use it are left out"
               : "a vertex is not three finite numbers, whose decimal sign is a point; faces that use it are "
                 "left "
                 "out";
  }

  /// x y z, x y z w, or x y z r g b.
  void read_position(std::string_view rest) {
    std::optional<std::vector<double>> v = take_doubles(rest, 7);
    const bool wrong_color = !v.has_value();
    if (wrong_color || v->size() < 3) v = numbers(rest, 3, 3, why_no_vertex(rest));
    if (v && wrong_color) mend("a vertex colour is not finite numbers; it becomes white");
    if (!v) return attributes_.positions.push_back(kNowhere);
    attributes_.positions.push_back(from_origin((*v)[0], (*v)[1], (*v)[2]));
    if (v->size() < 6) return;
    attributes_.colors.resize(attributes_.positions.size(), {1, 1, 1});
    const auto color = [&](std::size_t i) { return static_cast<float>((*v)[v->size() - 3 + i]); };
    attributes_.colors.back() = {color(0), color(1), color(2)};
  }
  /// The file's coordinates begin at the bottom, ours at the top.
  void read_uv(std::string_view rest) {
    const auto v = numbers(rest, 1, 3, "a texture coordinate is not finite numbers; it becomes 0");
    if (!v) return attributes_.uvs.push_back({0, 1});
    attributes_.uvs.push_back(
        {static_cast<float>((*v)[0]), v->size() > 1 ? 1.0f - static_cast<float>((*v)[1]) : 1.0f});
  }
  void read_normal(std::string_view rest) {
    const auto v = numbers(rest, 3, 3, "a normal is not three finite numbers; it is taken from the faces");
    if (!v) return attributes_.normals.push_back({0, 0, 0});
    attributes_.normals.push_back(
        {static_cast<float>((*v)[0]), static_cast<float>((*v)[1]), static_cast<float>((*v)[2])});
  }

  /// The first vertices decide whether the file is surveyed: floats are too coarse out there. Some writers begin with a
  /// marker or two at 0.
  Vec3 from_origin(double x, double y, double z) {
    constexpr std::size_t kMarkers = 16;
    if (!attributes_.origin) {
      attributes_.origin = origin_near({x, y, z});
    } else if (attributes_.positions.size() <= kMarkers && *attributes_.origin == Point3{0, 0, 0}) {
      move_origin(origin_near({x, y, z}));
    }
    const std::array<double, 3>& origin = *attributes_.origin;
    return {static_cast<float>(x - origin[0]), static_cast<float>(y - origin[1]),
            static_cast<float>(z - origin[2])};
  }

  /// From 0.
  void move_origin(const Point3& origin) {
    for (Vec3& p : attributes_.positions) {
      p = {static_cast<float>(static_cast<double>(p.x) - origin[0]),
           static_cast<float>(static_cast<double>(p.y) - origin[1]),
           static_cast<float>(static_cast<double>(p.z) - origin[2])};
    }
    attributes_.origin = origin;
  }

  ObjLines lines_;
  ImportLog& log_;
  Attributes attributes_;
};

/// Faces of one group with one material that have the same attributes.
struct MeshKey {
  std::string group, material;
  bool has_uvs = false, has_normals = false;
  friend auto operator<=>(const MeshKey&, const MeshKey&) = default;
};

struct MeshInMaking {
  MeshKey key;
  SceneMesh mesh;
  std::unordered_map<Corner, std::uint32_t, CornerHash> places;
};

/// Second pass: faces, groups and materials.
class FaceReader {
 public:
  FaceReader(ByteView file, const Attributes& attributes, ImportLog& log)
      : lines_(file), attributes_(attributes), log_(log) {}

  void read() {
    while (auto line = lines_.next()) {
      if (log_.is_full()) break;
      std::string_view rest = *line;
      const std::string_view keyword = take_word(rest);
      read_line(keyword, rest);
    }
    if (triangulator_.gave_up())
      log_.warn("", "its concave polygons are too many; some are cut as if they were convex");
  }

  std::vector<MeshInMaking>& meshes() { return meshes_; }
  const std::vector<std::string>& libraries() const { return libraries_; }

 private:
  void read_line(std::string_view keyword, std::string_view rest) {
    static constexpr std::string_view kSilent[] = {"s",        "vp",  "mg",         "bevel",    "c_interp",
                                                   "d_interp", "lod", "shadow_obj", "trace_obj"};
    if (keyword == "v") {
      ++counts_.positions;
    } else if (keyword == "vt") {
      ++counts_.uvs;
    } else if (keyword == "vn") {
      ++counts_.normals;
    } else if (keyword == "f" || keyword == "fo") {
      read_face(rest);
    } else if (keyword == "g" || keyword == "o") {
      group_ = std::string(rest);
      current_.reset();
    } else if (keyword == "usemtl") {
      material_ = std::string(without_quotes(rest));
      current_.reset();
    } else if (keyword == "mtllib") {
      libraries_.emplace_back(rest);
    } else if (keyword == "l" || keyword == "p") {
      log_.warn("", keyword == "l" ? "lines are not shown" : "points are not shown");
    } else if (std::find(std::begin(kSilent), std::end(kSilent), keyword) == std::end(kSilent)) {
      warn_of_ignored(keyword);
    }
  }

  /// Only the format's own words are shown: the file may be another one than its name says.
  void warn_of_ignored(std::string_view keyword) {
    static constexpr std::string_view kKnown[] = {
        "deg", "bmat", "step", "cstype", "curv", "curv2", "surf", "parm", "trim", "hole", "scrv",   "sp",
        "end", "con",  "bzp",  "bsp",    "cdc",  "cdp",   "res",  "call", "csh",  "lod",  "usemap", "maplib"};
    if (std::find(std::begin(kKnown), std::end(kKnown), keyword) != std::end(kKnown))
      return log_.warn("", fmt::format("\"{}\" lines are ignored", keyword));
    if (!std::exchange(warned_of_unknown_, true))
      log_.warn("", fmt::format("lines that OBJ files do not have are ignored, the first is line {}",
                                lines_.number()));
  }

  void fault(std::string_view reason) { log_.fault(fmt::format("line {}", lines_.number()), reason); }

  /// From the file's index, positive from the first one, negative from the last one so far; nothing for one that
  /// does not exist.
  static std::optional<std::uint32_t> resolve(long long index, std::size_t so_far, std::size_t total) {
    const auto before = static_cast<long long>(so_far);
    if (index == 0 || index > static_cast<long long>(total) || index < -before) return std::nullopt;
    return static_cast<std::uint32_t>(index > 0 ? index - 1 : before + index);
  }

  /// Some writers put 1.0 for 1.
  static std::optional<long long> index_of(std::string_view word) {
    if (const auto index = integer_of(word)) return index;
    const std::optional<float> number = float_of(word);
    constexpr float kExact = 16777216;  // 2^24
    if (!number || *number != std::floor(*number) || std::fabs(*number) > kExact) return std::nullopt;
    return static_cast<long long>(*number);
  }

  void mend(std::string_view text) { log_.mend(fmt::format("line {}", lines_.number()), text); }

  /// "7", "7/2", "7//3" or "7/2/3".
  std::optional<Corner> read_corner(std::string_view word) {
    std::array<std::string_view, 3> parts{};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t slash = word.find('/');
      parts[i] = word.substr(0, slash);
      word = slash == std::string_view::npos ? std::string_view() : word.substr(slash + 1);
    }
    Corner corner;
    const auto index = index_of(parts[0]);
    if (!index) {
      fault(fmt::format("a corner of a face is not an index{}", got_numbers(parts[0])));
      return std::nullopt;
    }
    const auto position = resolve(*index, counts_.positions, attributes_.positions.size());
    if (!position) {
      mend("a corner names a vertex that does not exist; its face is left out");
      return std::nullopt;
    }
    if (!is_finite(attributes_.positions[*position])) return std::nullopt;  // was told where the vertex is
    corner.position = *position;
    read_uv_index(parts[1], corner);
    read_normal_index(parts[2], corner);
    return corner;
  }

  /// What is not an index, such as nan, is 0, which names nothing.
  void read_uv_index(std::string_view word, Corner& corner) {
    if (word.empty()) return;
    const auto uv = resolve(index_of(word).value_or(0), counts_.uvs, attributes_.uvs.size());
    if (!uv) mend("a corner names a texture coordinate that does not exist; it becomes 0");
    corner.uv = uv.value_or(kMended);
  }

  void read_normal_index(std::string_view word, Corner& corner) {
    if (word.empty()) return;
    const auto normal = resolve(index_of(word).value_or(0), counts_.normals, attributes_.normals.size());
    if (!normal) mend("a corner names a normal that does not exist; it is taken from the face");
    corner.normal = normal.value_or(kAbsent);
  }

  void read_face(std::string_view rest) {
    corners_.clear();
    positions_.clear();
    bool has_uvs = true;
    bool has_normals = true;
    while (!rest.empty()) {
      const std::optional<Corner> corner = read_corner(take_word(rest));
      if (!corner) return;
      corners_.push_back(*corner);
      positions_.push_back(attributes_.positions[corner->position]);
      has_uvs = has_uvs && corner->uv != kAbsent;
      has_normals = has_normals && corner->normal != kAbsent;
    }
    if (corners_.size() < 3) return log_.warn("", "faces with fewer than three corners are left out");
    MeshInMaking& target = mesh_of(has_uvs, has_normals);
    for (const Triangulator::Corners& cut : triangulator_.cut(positions_)) {
      Triangle triangle{};
      for (std::size_t i = 0; i < 3; ++i) triangle.v[i] = place_of(corners_[cut[i]], target);
      target.mesh.triangles.push_back(triangle);
    }
  }

  MeshInMaking& mesh_of(bool has_uvs, bool has_normals) {
    if (!current_ || meshes_[*current_].key.has_uvs != has_uvs ||
        meshes_[*current_].key.has_normals != has_normals) {
      const MeshKey key{group_, material_, has_uvs, has_normals};
      auto known = by_key_.find(key);
      if (known == by_key_.end()) {
        known = by_key_.emplace(key, meshes_.size()).first;
        meshes_.emplace_back().key = key;
        meshes_.back().mesh.name = group_.empty() ? (material_.empty() ? "mesh" : material_) : group_;
      }
      current_ = known->second;
    }
    return meshes_[*current_];
  }

  std::uint32_t place_of(Corner corner, MeshInMaking& target) {
    if (!target.key.has_uvs) corner.uv = kAbsent;
    if (!target.key.has_normals) corner.normal = kAbsent;
    SceneMesh& mesh = target.mesh;
    const auto [known, is_new] =
        target.places.emplace(corner, static_cast<std::uint32_t>(mesh.positions.size()));
    if (is_new) {
      mesh.positions.push_back(attributes_.positions[corner.position]);
      if (target.key.has_uvs)
        mesh.uvs[0].push_back(corner.uv == kMended ? Vec2{0, 1} : attributes_.uvs[corner.uv]);
      if (target.key.has_normals) mesh.normals.push_back(attributes_.normals[corner.normal]);
      if (!attributes_.colors.empty()) {
        const Vec3 color = attributes_.colors[corner.position];
        mesh.colors.push_back({color.x, color.y, color.z, 1});
      }
    }
    return known->second;
  }

  ObjLines lines_;
  const Attributes& attributes_;
  ImportLog& log_;
  Counts counts_;
  std::string group_, material_;
  std::vector<std::string> libraries_;
  std::vector<MeshInMaking> meshes_;
  std::map<MeshKey, std::size_t> by_key_;
  std::optional<std::size_t> current_;  ///< mesh of the last face, unless group or material changed
  Triangulator triangulator_;
  std::vector<Corner> corners_;
  std::vector<Vec3> positions_;
  bool warned_of_unknown_ = false;
};

/// All materials of the libraries that a file names; the first of a name counts.
class MaterialLibrary {
 public:
  MaterialLibrary(const std::vector<std::string>& lines, SceneFiles& files, ImportLog& log)
      : files_(files), log_(log) {
    for (const std::string& line : lines) read_line(line);
  }

  const MtlMaterial* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found != by_name_.end() ? &found->second : nullptr;
  }

  /// One whose name has another letter case or Unicode form.
  const MtlMaterial* find_similar(const std::string& name) const {
    const std::string folded = folded_file_name(name);
    const auto found = std::find_if(by_name_.begin(), by_name_.end(), [&](const auto& known) {
      return folded_file_name(known.first) == folded;
    });
    return found != by_name_.end() ? &found->second : nullptr;
  }

 private:
  /// A line holds one name, which may have blanks, or several names without.
  void read_line(std::string_view line) {
    if (std::find(read_.begin(), read_.end(), line) != read_.end()) return;
    read_.emplace_back(line);
    const std::string_view whole = without_quotes(line);
    if (const auto content = files_.library(std::string(whole)); content) return add(*content, whole);
    while (!line.empty()) {
      const std::string_view name = whole.size() < line.size() ? std::exchange(line, {}) : take_word(line);
      read_library(without_quotes(name));
    }
  }

  void read_library(std::string_view name) {
    const auto content = files_.library(std::string(name));
    if (content) return add(*content, name);
    const std::string element = fmt::format("material library \"{}\"", printable(name));
    // one that is missing is a matter of looks; whether one that is refused may be read, the user has to say
    if (content.error().help.empty()) return log_.warn(element, content.error().message);
    log_.fault(element, content.error());
  }

  void add(const SceneFiles::Content& content, std::string_view name) {
    if (!content.note.empty())
      log_.warn(fmt::format("material library \"{}\"", printable(name)), content.note);
    ImportLog library_log{printable(name), log_.is_strict()};
    for (MtlMaterial& material : parse_mtl(content.bytes, library_log)) {
      material.folder = content.folder;
      const std::string key = material.name;
      by_name_.emplace(key, std::move(material));
    }
    log_.take_over(library_log);
  }

  SceneFiles& files_;
  ImportLog& log_;
  std::vector<std::string> read_;
  std::map<std::string, MtlMaterial> by_name_;
};

constexpr Transform kIdentity{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};

class ObjSceneBuilder {
 public:
  ObjSceneBuilder(const MaterialLibrary& library, FullTransparency transparency, SceneFiles& files,
                  Scene& scene, ImportLog& log)
      : library_(library), transparency_(transparency), pictures_(files), scene_(scene), log_(log) {}

  void add(MeshInMaking& source) {
    const std::string element = element_name("mesh", scene_.meshes.size(), source.mesh.name);
    if (!clean_up_mesh(source.mesh, element, log_)) return;
    if (!is_traceable(bounds_of(source.mesh))) {
      log_.fault(element, fmt::format("reaches farther than {:g} m from the origin", kMaxCoordinate));
    }
    const std::size_t material = material_of(source.key.material);
    scene_.instances.push_back({source.mesh.name, scene_.meshes.size(), material, kIdentity});
    scene_.meshes.push_back(std::move(source.mesh));
  }

  void finish_pictures() { pictures_.finish(scene_, log_); }

 private:
  std::size_t material_of(const std::string& name) {
    if (const auto known = materials_.find(name); known != materials_.end()) return known->second;
    const MtlMaterial* source = find_in_library(name);
    MtlMaterial grey;
    grey.name = name.empty() ? "default" : name;
    const std::size_t place = scene_.materials.size();
    scene_.materials.push_back(
        convert_mtl(source != nullptr ? *source : grey, place, transparency_, pictures_, log_));
    materials_.emplace(name, place);
    return place;
  }

  const MtlMaterial* find_in_library(const std::string& name) const {
    const MtlMaterial* source = library_.find(name);
    if (source != nullptr || name.empty()) return source;
    const std::string element = element_name("material", 0, name);
    source = library_.find_similar(name);
    if (source == nullptr) {
      log_.warn(element, "is in no material library; a grey one takes its place");
    } else {
      log_.warn(element, fmt::format("is taken for \"{}\", whose name is written differently",
                                     printable(source->name)));
    }
    return source;
  }

  const MaterialLibrary& library_;
  FullTransparency transparency_;
  ObjPictures pictures_;
  std::map<std::string, std::size_t> materials_;
  Scene& scene_;
  ImportLog& log_;
};

/// A file of which nothing would be seen has Tr or d the wrong way round.
FullTransparency transparency_of(const std::vector<MeshInMaking>& meshes, const MaterialLibrary& library) {
  const bool all = std::all_of(meshes.begin(), meshes.end(), [&](const MeshInMaking& mesh) {
    const MtlMaterial* material = library.find(mesh.key.material);
    return material != nullptr && is_wholly_transparent(*material);
  });
  return all ? FullTransparency::opaque : FullTransparency::invisible;
}

}  // namespace

Result<ImportedScene> import_obj(ByteView file, const std::string& file_name, const std::string& folder,
                                 const ImportOptions& options) {
  ImportLog log(file_name, options.strict);
  SceneFiles files(folder, options);
  const Attributes attributes = AttributeReader(file, log).read();
  if (attributes.positions.size() > kMaxMeshElements) log.fault("", "has more than 2147483648 vertices");
  if (log.has_faults()) return log.error();
  FaceReader faces(file, attributes, log);
  faces.read();
  if (faces.meshes().empty() && !log.has_faults()) {
    log.fault("", "has no faces");
    log.turn_warnings_into_faults();
  }
  if (log.has_faults()) return log.error();

  ImportedScene imported;
  imported.scene.name = file_name;
  const MaterialLibrary library(faces.libraries(), files, log);
  ObjSceneBuilder builder(library, transparency_of(faces.meshes(), library), files, imported.scene, log);
  for (MeshInMaking& mesh : faces.meshes()) builder.add(mesh);
  builder.finish_pictures();
  settle_origin(*attributes.origin, imported.scene, log);
  if (log.has_faults()) return log.error();
  imported.warnings = log.take_warnings();
  return imported;
}

}  // namespace oct

#include "test/support/faulty_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/random.h"

namespace sonde::test {
namespace {

constexpr std::size_t kSector = 512;

/// A write (or, without data, a truncation to `offset`) that no sync has covered yet.
struct Pending {
  std::int64_t offset = 0;
  std::optional<std::string> data;
};

struct Tracked {
  std::string synced;
  std::vector<Pending> pending;
};

void put(std::string& content, const Pending& pending) {
  const auto offset = static_cast<std::size_t>(pending.offset);
  if (!pending.data) return content.resize(offset);
  if (content.size() < offset + pending.data->size()) content.resize(offset + pending.data->size());
  std::memcpy(content.data() + offset, pending.data->data(), pending.data->size());
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

class FaultyDisk::Impl {
 public:
  explicit Impl(std::uint64_t seed) : random(seeded_random(seed)) {
    static std::atomic<int> count{0};
    name = "faulty" + std::to_string(count++);
  }

  /// One more call that a power failure may hit.
  bool alive() {
    if (!dead && ++calls >= limit) dead = true;
    return !dead;
  }

  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* below = nullptr;
  std::mutex mutex;
  std::unique_ptr<Random> random;
  std::map<std::string, Tracked> files;
  std::uint64_t calls = 0, limit = std::numeric_limits<std::uint64_t>::max();
  bool dead = false, full = false;
};

namespace {

using Impl = FaultyDisk::Impl;

struct File {
  sqlite3_file base;
  Impl* disk;
  char path[512];
  bool tracked;
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& as_file(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* below(sqlite3_file* file) { return as_file(file).below(); }

int x_close(sqlite3_file* file) {
  const int code = below(file)->pMethods != nullptr ? below(file)->pMethods->xClose(below(file)) : SQLITE_OK;
  file->pMethods = nullptr;
  return code;
}
int x_read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return below(file)->pMethods->xRead(below(file), data, size, offset);
}
int x_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  File& f = as_file(file);
  const std::scoped_lock lock(f.disk->mutex);
  if (f.disk->full) return SQLITE_FULL;
  if (!f.disk->alive()) return SQLITE_IOERR_WRITE;
  if (f.tracked)
    f.disk->files[f.path].pending.push_back(
        {offset, std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
  return below(file)->pMethods->xWrite(below(file), data, size, offset);
}
int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& f = as_file(file);
  const std::scoped_lock lock(f.disk->mutex);
  if (!f.disk->alive()) return SQLITE_IOERR_TRUNCATE;
  if (f.tracked) f.disk->files[f.path].pending.push_back({size, std::nullopt});
  return below(file)->pMethods->xTruncate(below(file), size);
}
int x_sync(sqlite3_file* file, int flags) {
  File& f = as_file(file);
  const std::scoped_lock lock(f.disk->mutex);
  if (!f.disk->alive()) return SQLITE_IOERR_FSYNC;
  if (f.tracked) {
    Tracked& tracked = f.disk->files[f.path];
    for (const Pending& pending : tracked.pending) put(tracked.synced, pending);
    tracked.pending.clear();
  }
  return below(file)->pMethods->xSync(below(file), flags);
}
int x_size(sqlite3_file* file, sqlite3_int64* size) { return below(file)->pMethods->xFileSize(below(file), size); }
int x_lock(sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); }
int x_unlock(sqlite3_file* file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
int x_check(sqlite3_file* file, int* out) { return below(file)->pMethods->xCheckReservedLock(below(file), out); }
int x_control(sqlite3_file* file, int op, void* arg) {
  // Writes must come by x_write to be tracked.
  if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
  return below(file)->pMethods->xFileControl(below(file), op, arg);
}
int x_sector(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
/// Nothing is promised: neither atomic writes nor safe appends nor order.
int x_promises(sqlite3_file*) { return 0; }
int x_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return below(file)->pMethods->xShmMap(below(file), page, size, extend, out);
}
int x_shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, n, flags);
}
void x_shm_barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
int x_shm_unmap(sqlite3_file* file, int remove) { return below(file)->pMethods->xShmUnmap(below(file), remove); }

const sqlite3_io_methods kMethods = {
    2,         x_close,  x_read,     x_write,   x_truncate, x_sync,        x_size,      x_lock,  x_unlock, x_check,
    x_control, x_sector, x_promises, x_shm_map, x_shm_lock, x_shm_barrier, x_shm_unmap, nullptr, nullptr};

Impl& disk_of(sqlite3_vfs* vfs) { return *static_cast<Impl*>(vfs->pAppData); }

int x_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  Impl& disk = disk_of(vfs);
  File& f = as_file(file);
  std::memset(file, 0, static_cast<std::size_t>(vfs->szOsFile));
  f.disk = &disk;
  f.tracked = path != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL));
  if (path != nullptr) std::strncpy(f.path, path, sizeof f.path - 1);
  const int code = disk.below->xOpen(disk.below, path, f.below(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  f.base.pMethods = &kMethods;
  const std::scoped_lock lock(disk.mutex);
  if (f.tracked) disk.files.try_emplace(f.path, Tracked{content_of(f.path), {}});
  return SQLITE_OK;
}
int x_delete(sqlite3_vfs* vfs, const char* path, int sync) {
  Impl& disk = disk_of(vfs);
  const std::scoped_lock lock(disk.mutex);
  if (!disk.alive()) return SQLITE_IOERR_DELETE;
  disk.files.erase(path);
  return disk.below->xDelete(disk.below, path, sync);
}
int x_access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  return disk_of(vfs).below->xAccess(disk_of(vfs).below, path, flags, out);
}
int x_full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return disk_of(vfs).below->xFullPathname(disk_of(vfs).below, path, size, out);
}
int x_randomness(sqlite3_vfs* vfs, int size, char* out) {
  return disk_of(vfs).below->xRandomness(disk_of(vfs).below, size, out);
}
int x_sleep(sqlite3_vfs* vfs, int us) { return disk_of(vfs).below->xSleep(disk_of(vfs).below, us); }
int x_time(sqlite3_vfs* vfs, double* out) { return disk_of(vfs).below->xCurrentTime(disk_of(vfs).below, out); }
int x_error(sqlite3_vfs* vfs, int size, char* out) {
  return disk_of(vfs).below->xGetLastError(disk_of(vfs).below, size, out);
}

/// What may be left of unsynced writes: some whole, some torn at a sector, some not at all.
std::string survivors(Tracked& tracked, Random& random) {
  std::string content = tracked.synced;
  for (Pending& pending : tracked.pending) {
    const auto fate = random.below(4);
    if (fate == 0) continue;
    if (fate == 1 && pending.data && pending.data->size() > kSector)
      pending.data->resize(kSector * (1 + random.below(pending.data->size() / kSector)));
    put(content, pending);
  }
  return content;
}

}  // namespace

FaultyDisk::FaultyDisk(std::uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {
  impl_->below = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = impl_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->below->szOsFile;
  vfs.mxPathname = impl_->below->mxPathname;
  vfs.zName = impl_->name.c_str();
  vfs.pAppData = impl_.get();
  vfs.xOpen = x_open;
  vfs.xDelete = x_delete;
  vfs.xAccess = x_access;
  vfs.xFullPathname = x_full_path;
  vfs.xRandomness = x_randomness;
  vfs.xSleep = x_sleep;
  vfs.xCurrentTime = x_time;
  vfs.xGetLastError = x_error;
  sqlite3_vfs_register(&vfs, 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(&impl_->vfs); }

const std::string& FaultyDisk::name() const { return impl_->name; }

void FaultyDisk::fail_after(std::uint64_t calls) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->limit = impl_->calls + calls;
}

bool FaultyDisk::failed() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->dead;
}

void FaultyDisk::restart() {
  const std::scoped_lock lock(impl_->mutex);
  for (auto& [path, tracked] : impl_->files) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << survivors(tracked, *impl_->random);
    std::filesystem::remove(path + "-shm");
  }
  impl_->files.clear();
  impl_->limit = std::numeric_limits<std::uint64_t>::max();
  impl_->dead = false;
}

void FaultyDisk::set_full(bool full) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->full = full;
}

std::uint64_t FaultyDisk::calls() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->calls;
}

}  // namespace sonde::test

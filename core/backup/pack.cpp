#include "core/backup/pack.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cerrno>

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr int kMode = 0600;

std::string words_of(struct archive* file) {
  const char* text = archive_error_string(file);
  return text == nullptr ? "no reason was given" : text;
}

/// Given back even when a constructor throws after it was made.
struct Free {
  void operator()(struct archive* file) const { archive_free(file); }
  void operator()(struct archive_entry* entry) const { archive_entry_free(entry); }
};

}  // namespace

class PackWriter::Impl {
 public:
  explicit Impl(Sink sink) : sink_(std::move(sink)) {
    check(archive_write_set_format_pax_restricted(file_));
    check(archive_write_add_filter_gzip(file_));
    // Mostly numbers and unknowns: the fastest level takes nearly all there is to take.
    check(archive_write_set_filter_option(file_, "gzip", "compression-level", "1"));
    check(archive_write_set_filter_option(file_, "gzip", "timestamp", nullptr));
    check(archive_write_set_bytes_in_last_block(file_, 1));
    check(archive_write_open(file_, this, nullptr, &Impl::take, nullptr));
  }
  ~Impl() {
    gone_ = true;  // what libarchive still writes when it closes goes nowhere
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void begin(const std::string& name, std::uint64_t octets, UtcTime changed) {
    archive_entry_clear(entry_);
    archive_entry_set_pathname(entry_, name.c_str());
    archive_entry_set_filetype(entry_, AE_IFREG);
    archive_entry_set_perm(entry_, kMode);
    archive_entry_set_size(entry_, static_cast<la_int64_t>(octets));
    archive_entry_set_mtime(entry_, std::chrono::floor<std::chrono::seconds>(changed.time_since_epoch()).count(), 0);
    check(archive_write_header(file_, entry_));
  }
  void write(std::span<const char> piece) {
    while (!piece.empty()) {
      const auto n = archive_write_data(file_, piece.data(), piece.size());
      if (gone_) throw Error("Whoever fetched the backup went away.");
      if (n <= 0) throw Error("The backup could not be written: " + words_of(file_) + ".");
      piece = piece.subspan(static_cast<std::size_t>(n));
    }
  }
  void finish() { check(archive_write_close(file_)); }

 private:
  void check(int code) const {
    if (gone_) throw Error("Whoever fetched the backup went away.");
    if (code != ARCHIVE_OK) throw Error("The backup could not be written: " + words_of(file_) + ".");
  }
  static la_ssize_t take(struct archive*, void* self, const void* octets, std::size_t count) {
    // An error told to libarchive would keep it from giving back what its filter holds.
    Impl& impl = *static_cast<Impl*>(self);
    if (!impl.gone_) impl.gone_ = !impl.sink_({static_cast<const char*>(octets), count});
    return static_cast<la_ssize_t>(count);
  }

  Sink sink_;
  bool gone_ = false;
  const std::unique_ptr<struct archive, Free> file_owner_{archive_write_new()};
  const std::unique_ptr<struct archive_entry, Free> entry_owner_{archive_entry_new()};
  struct archive* const file_ = file_owner_.get();
  struct archive_entry* const entry_ = entry_owner_.get();
};

PackWriter::PackWriter(Sink sink) : impl_(std::make_unique<Impl>(std::move(sink))) {}
PackWriter::~PackWriter() = default;
void PackWriter::begin(const std::string& name, std::uint64_t octets, UtcTime changed) {
  impl_->begin(name, octets, changed);
}
void PackWriter::write(std::span<const char> piece) { impl_->write(piece); }
void PackWriter::finish() { impl_->finish(); }

class PackReader::Impl {
 public:
  explicit Impl(Source source) : source_(std::move(source)) {
    archive_read_support_filter_gzip(file_);
    archive_read_support_format_tar(file_);
    if (archive_read_open(file_, this, nullptr, &Impl::give, nullptr) != ARCHIVE_OK) refuse();
  }
  ~Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::optional<Member> next() {
    struct archive_entry* entry = nullptr;
    const int code = archive_read_next_header(file_, &entry);
    if (code == ARCHIVE_EOF) return std::nullopt;
    if (code != ARCHIVE_OK) refuse();
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) throw Error("A file in the backup has a name that cannot be read.");
    const bool plain = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr &&
                       archive_entry_symlink(entry) == nullptr && archive_entry_sparse_count(entry) == 0;
    if (!plain || archive_entry_size_is_set(entry) == 0 || archive_entry_size(entry) < 0)
      throw Error("The backup holds something that is no plain file; a backup of Sonde never does.");
    return Member{name, static_cast<std::uint64_t>(archive_entry_size(entry))};
  }
  std::size_t read(std::span<char> out) {
    const auto n = archive_read_data(file_, out.data(), out.size());
    if (n < 0) refuse();
    return static_cast<std::size_t>(n);
  }

 private:
  [[noreturn]] void refuse() const {
    if (broke_off_) throw Error("The upload broke off.");
    throw Error("The file is no whole backup of Sonde: as a gzip'd tar it cannot be read (" + words_of(file_) + ").");
  }
  static la_ssize_t give(struct archive* file, void* self, const void** octets) {
    Impl& impl = *static_cast<Impl*>(self);
    *octets = impl.piece_.data();
    const auto got = impl.source_(impl.piece_);
    if (got) return static_cast<la_ssize_t>(*got);
    impl.broke_off_ = true;
    archive_set_error(file, EPIPE, "the upload broke off");
    return -1;
  }

  Source source_;
  std::array<char, kPiece> piece_{};
  bool broke_off_ = false;
  const std::unique_ptr<struct archive, Free> file_owner_{archive_read_new()};
  struct archive* const file_ = file_owner_.get();
};

PackReader::PackReader(Source source) : impl_(std::make_unique<Impl>(std::move(source))) {}
PackReader::~PackReader() = default;
std::optional<PackReader::Member> PackReader::next() { return impl_->next(); }
std::size_t PackReader::read(std::span<char> out) { return impl_->read(out); }

}  // namespace sonde

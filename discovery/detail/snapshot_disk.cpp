#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brontes/discovery/detail/snapshot_disk.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace brontes::detail {
namespace {

Status trouble(const char* doing) {
  const int code = errno;
  return {code == ENOENT ? Errc::kNotFound : Errc::kUnavailable,
          std::string(doing) + ": " + std::generic_category().message(code)};
}

/// Closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

Status write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return trouble("write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0 ? Status() : trouble("fsync");
}

/// So that the new name survives a crash, too.
Status sync_folder_of(const std::string& file) {
  const std::size_t slash = file.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return trouble("open the directory");
  return ::fsync(fd.get()) == 0 ? Status() : trouble("fsync the directory");
}

Status write_file(const std::string& file, std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return {Errc::kResourceExhausted, "it has " + std::to_string(text.size()) +
                                          " bytes, and the limit is " + std::to_string(max_bytes)};
  std::string draft = file + ".XXXXXX.tmp";  // several processes may share the directory
  const Descriptor fd(::mkostemps(draft.data(), 4, O_CLOEXEC));
  if (!fd.is_open()) return trouble("create a file beside it");
  Status status = write_all(fd.get(), text);
  if (status.ok() && ::rename(draft.c_str(), file.c_str()) != 0) status = trouble("rename");
  if (status.ok()) return sync_folder_of(file);
  ::unlink(draft.c_str());
  return status;
}

Expected<std::string> read_snapshot(const std::string& file, std::size_t max_bytes) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (!fd.is_open() || ::fstat(fd.get(), &about) != 0) return fail(trouble("open"));
  if (!S_ISREG(about.st_mode)) return fail(Errc::kDataLoss, "it is no file");
  if (about.st_size > static_cast<off_t>(max_bytes))
    return fail(Errc::kResourceExhausted,
                "it has more than " + std::to_string(max_bytes) + " bytes");
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t part = ::read(fd.get(), text.data() + got, text.size() - got);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return fail(trouble("read"));
    if (part == 0) break;
    got += static_cast<std::size_t>(part);
  }
  text.resize(got);
  return text;
}

class DiskThread final : public SnapshotDisk {
 public:
  explicit DiskThread(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void write(std::string file, ArchivedSnapshot what,
             std::function<void(const Status&)> ear) override {
    post([this, file = std::move(file), what = std::move(what), ear = std::move(ear)] {
      ear(write_file(file, encode_snapshot(what), max_bytes_));
    });
  }
  void read(std::string file, std::function<void(const Expected<ArchivedSnapshot>&)> ear) override {
    post([this, file = std::move(file), ear = std::move(ear)] {
      const auto text = read_snapshot(file, max_bytes_);
      ear(text ? decode_snapshot(*text) : fail(text.error()));
    });
  }

 private:
  void post(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    wake_.notify_one();
  }

  /// Until all is done and the process ends.
  void run(const std::stop_token& stopped) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stopped, [this] { return !jobs_.empty(); }) || !jobs_.empty()) {
      const auto job = std::exchange(jobs_.front(), nullptr);
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> jobs_;  // one per file that has something new, and per reader
  std::jthread thread_{[this](const std::stop_token& stopped) { run(stopped); }};
};

}  // namespace

std::shared_ptr<SnapshotDisk> make_disk(std::size_t max_bytes) {
  return std::make_shared<DiskThread>(max_bytes);
}

std::shared_ptr<SnapshotDisk> process_disk() {
  static const auto disk = make_disk();
  return disk;
}

}  // namespace brontes::detail

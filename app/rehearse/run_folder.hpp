#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::app {

/// Where the answers of a rehearsal's runs lie: the directory that was named, or one in the system's temporary
/// directory, which is removed at the end. The latter holds a file that is locked for as long as its maker lives, so
/// that what a killed run left can be told from what is in use.
class RunFolder {
public:
    /// Errors: Errc::io.
    static Result<RunFolder> make(const std::string& named);
    RunFolder(RunFolder&& other) noexcept;
    RunFolder& operator=(RunFolder&&) = delete;
    ~RunFolder();
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    explicit RunFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
    int lock_ = -1;  // of the temporary one
};

/// A temporary folder of a rehearsal, of this user.
struct FoundFolder {
    std::string path;
    bool in_use = false;  ///< its maker lives
    double age_s = 0;     ///< since its maker began
};
/// Those in the temporary directory that carry our mark; others are left alone, whatever their name. In the order of
/// their names.
std::vector<FoundFolder> find_run_folders();

/// Removes one whose maker is gone. Errors: Errc::refused when somebody has it in use; Errc::io.
Result<void> remove_run_folder(const std::string& path);

}  // namespace understudy::app

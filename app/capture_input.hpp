#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/inspect/file_report.hpp"
#include "app/keys.hpp"
#include "core/model/event.hpp"

namespace understudy::app {

using EventHandler = std::function<void(Event&&)>;

/// Reads one capture to its end. A failure is in the report's `error`, its kind in `code`, with what was read until
/// then.
inspect::FileReport read_capture(const std::string& path, const store::KeyRing& keys, Errc& code,
                                 const EventHandler& handle);
/// The same, with a failure as an error; damage is said on standard error.
Result<inspect::FileReport> read_capture(const std::string& path, const store::KeyRing& keys,
                                         const EventHandler& handle);

/// The files of several captures, each a file or a directory.
Result<std::vector<std::string>> input_files(const std::vector<std::string>& captures);

/// The first file's header, where all may become one capture: results policy, digest key and what is known of results
/// must be the same. Errors: Errc::usage, naming the two files and what differs; what opening a file gives.
Result<CaptureHeader> common_header(const std::vector<std::string>& files, const store::KeyRing& keys);

/// To whom a capture that is made of `files` is encrypted: to the key `encrypt_to`, if that is not empty, else to whom
/// the files are. Errors: Errc::usage where they are for several.
Result<std::optional<store::EncryptTo>> output_encryption(const std::vector<std::string>& files, const Keys& keys,
                                                          const std::string& encrypt_to);

/// Errors: Errc::usage when `output` is one of `files`, under whatever name.
Result<void> refuse_to_overwrite(const std::string& output, const std::vector<std::string>& files);

}  // namespace understudy::app

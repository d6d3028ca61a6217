// Whole files in and out.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace net2c {

using Bytes = std::vector<std::byte>;

// Error: missing, a directory, unreadable.
Bytes read_file(const std::string &path);

// Writes to a temporary name beside `path` and renames, so a failure leaves nothing half written. Error: cannot be written.
void write_file(const std::string &path, std::span<const std::byte> bytes);
void write_file(const std::string &path, const std::string &text);

// Creates the folder and its parents. Error: cannot be made, or a file is in the way.
void make_folder(const std::string &path);

}  // namespace net2c

// PNG and JPEG files as 8-bit RGB.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace net2c {

struct Picture {
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> rgb;   // [height][width][3]
};

bool is_picture(std::span<const std::byte>);   // by its first bytes
// Error: damaged, or over 2^15 pixels a side.
Picture read_picture(const std::string &path, std::span<const std::byte>);

}  // namespace net2c

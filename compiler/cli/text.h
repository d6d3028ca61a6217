// How figures and names are written for people and for files.
#pragma once

#include <cstdint>
#include <string>

namespace net2c::cli {

std::string thousands(uint64_t);                           // 1,234,567
std::string file_name_of(const std::string &value_name);   // other characters than A-Z a-z 0-9 _ . - become _

}  // namespace net2c::cli

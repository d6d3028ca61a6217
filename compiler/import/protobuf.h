// What the readers of protobuf files share.
#pragma once

#include <cstddef>
#include <protozero/pbf_reader.hpp>
#include <span>
#include <string>

#include "base/error.h"

namespace net2c {

// What f makes of the message in `data`. Error: it is no message, or cut off.
template <class F>
auto read_protobuf(const std::string &file, std::span<const std::byte> data, F f)
{
  try {
    return f(protozero::pbf_reader(reinterpret_cast<const char *>(data.data()), data.size()));
  } catch (const protozero::exception &error) {
    fail({.file = file}, "is damaged: not valid protobuf ({}), or cut off; fetch or export it again", error.what());
  }
}

}  // namespace net2c

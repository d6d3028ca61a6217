#include "lower/weights_pool.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace net2c {

namespace {

uint64_t hash_bytes(uint64_t h, std::span<const std::byte> bytes)
{
  h ^= bytes.size();
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  for (; i < bytes.size(); ++i) h = (h ^ static_cast<uint64_t>(bytes[i])) * 0x100000001b3u;
  return h;
}

}  // namespace

net2c_ref WeightsPool::add(std::string_view source, std::span<const std::byte> part)
{
  const uint64_t named = hash_bytes(0xcbf29ce484222325u, std::as_bytes(std::span(source)));
  const uint64_t hash = hash_bytes(named, part);
  for (auto [from, to] = parts_.equal_range(hash); from != to; ++from)
    if (const Part &p = from->second; p.source == named && p.length == part.size() &&
                                      (part.empty() || std::memcmp(bytes.data() + p.offset, part.data(), part.size()) == 0))
      return NET2C_REF(NET2C_WEIGHTS, static_cast<uint32_t>(p.offset / 64));
  const uint64_t at = bytes.size(), end = at + std::max<uint64_t>(1, (part.size() + 63) / 64) * 64;
  if (end / 64 >= 1u << 29) fail({}, "the network's packed weights exceed 32 GB");
  bytes.insert(bytes.end(), part.begin(), part.end());
  bytes.resize(end);
  parts_.emplace(hash, Part{named, at, part.size()});
  return NET2C_REF(NET2C_WEIGHTS, static_cast<uint32_t>(at / 64));
}

void WeightsPool::cut(size_t length)
{
  std::erase_if(parts_, [&](const auto &part) { return part.second.offset >= length; });
  bytes.resize(length);
}

}  // namespace net2c

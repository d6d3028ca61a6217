// The cheapest way to part a network of nodes in two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace net2c {

class Cut {
 public:
  static constexpr size_t source = 0, sink = 1;      // these two are there from the start, one on each side
  static constexpr int64_t never = int64_t{1} << 62;  // a cost that no cut pays

  size_t add();                                       // a node; its number
  void cost(size_t a, size_t b, int64_t);             // is paid when a is on the source's side and b on the sink's

  // For each node whether it is on the sink's side. Of the cheapest cuts the one that has the fewest there.
  std::vector<bool> cheapest();

 private:
  struct Edge { size_t from, to; int64_t left; };     // edges 2 i and 2 i + 1 are a pair, opposite to each other
  std::vector<Edge> edges_;
  std::vector<std::vector<size_t>> leaving_{2};       // edges of each node
};

}  // namespace net2c

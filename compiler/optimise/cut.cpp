#include "optimise/cut.h"

#include <algorithm>

namespace net2c {

size_t Cut::add()
{
  leaving_.emplace_back();
  return leaving_.size() - 1;
}

void Cut::cost(size_t a, size_t b, int64_t price)
{
  if (price == 0 || a == b) return;
  leaving_[a].push_back(edges_.size());
  edges_.push_back({a, b, price});
  leaving_[b].push_back(edges_.size());
  edges_.push_back({b, a, 0});
}

// The largest flow is as much as the cheapest cut costs (J. Edmonds, R. Karp: Theoretical Improvements in Algorithmic Efficiency
// for Network Flow Problems, 1972): shortest paths are filled until there is none.
std::vector<bool> Cut::cheapest()
{
  constexpr size_t unseen = SIZE_MAX;
  for (;;) {
    std::vector<size_t> by(leaving_.size(), unseen), queue{source};   // by: the edge on which a node was reached
    for (size_t i = 0; i < queue.size() && by[sink] == unseen; ++i)
      for (size_t edge : leaving_[queue[i]]) {
        const Edge &e = edges_[edge];
        if (e.left == 0 || e.to == source || by[e.to] != unseen) continue;
        by[e.to] = edge;
        queue.push_back(e.to);
      }
    if (by[sink] == unseen) break;
    int64_t flow = never;
    for (size_t at = sink; at != source; at = edges_[by[at]].from) flow = std::min(flow, edges_[by[at]].left);
    for (size_t at = sink; at != source; at = edges_[by[at]].from) edges_[by[at]].left -= flow, edges_[by[at] ^ 1].left += flow;
  }
  // What can still reach the sink.
  std::vector<bool> behind(leaving_.size());
  std::vector<size_t> queue{sink};
  behind[sink] = true;
  for (size_t i = 0; i < queue.size(); ++i)
    for (size_t edge : leaving_[queue[i]]) {
      const Edge &towards = edges_[edge ^ 1];
      if (towards.left == 0 || behind[towards.from]) continue;
      behind[towards.from] = true;
      queue.push_back(towards.from);
    }
  return behind;
}

}  // namespace net2c

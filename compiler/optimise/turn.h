// Nodes on turned data, that is with the axes of their tensors in another order: y' = Transpose{perm}(y).
#pragma once

#include "optimise/edit.h"

namespace net2c {

Ints inverse(const Ints &perm);
Shape permuted(const Shape &, const Ints &perm);
bool keeps_order(const Ints &perm, const Shape &);   // nothing moves: axes longer than 1 stay in order
bool last_becomes_channels(const Ints &perm);        // [N][H][W][C] to [N][C][H][W], [N][L][C] to [N][C][L]
Shape with_axes(const Shape &, size_t rank);         // axes of 1 in front

enum class Turn {
  no,        // the node needs its tensors as they are
  whole,     // on turned inputs it gives the turned result
  forgotten  // on turned inputs it gives its result as it is: a reduction that leaves the other axes in order
};
Turn turn_of(const Editor &, NodeId, const Ints &perm);
bool turns_with(const Op &, size_t input);           // of a node that can turn: the input is turned too

// The node on inputs of which those that turn are turned: a new node (Turn::whole), or itself changed (Turn::forgotten).
ValueId add_turned(Editor &, NodeId, const Ints &perm, std::vector<ValueId> inputs);
void forget_turn(Editor &, NodeId, const Ints &perm, ValueId input);

}  // namespace net2c

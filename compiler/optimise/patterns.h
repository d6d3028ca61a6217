// The patterns of recognise_patterns, a group a file. Each gives how many places it changed.
#pragma once

#include "optimise/edit.h"

namespace net2c {

int recognise_clips(Graph &);        // Max, Min, relu and clip in a row; leaky relu as Max or PRelu; powers
int recognise_activations(Graph &);  // sigmoid, softplus, hard sigmoid; x f(x): silu, hard swish, gelu, mish
int recognise_norms(Graph &);        // instance and layer norm spelled by means
int recognise_products(Graph &);     // of more than two axes, made of rows and back
int recognise_attention(Graph &);    // softmax of scaled products with keys, times values
int recognise_reductions(Graph &);   // pooling of whole maps; reduced axes kept, for the sake of the layout
int recognise_shuffles(Graph &);     // Reshape, Transpose, Slice, Gather that only reorder channels -> one Gather or Slice

// v = a * x + b with numbers that are the same for all elements, through any nodes that do that; x is given.
struct Line {
  double a = 1, b = 0;
};
std::optional<Line> line_to(const Editor &, ValueId v, ValueId x);

// One step of such a line: v = a * x + b.
struct LineStep {
  ValueId x;
  Line line;
};
std::optional<LineStep> line_step(const Editor &, ValueId v);

bool close(double x, double wanted);  // as models round their constants

}  // namespace net2c

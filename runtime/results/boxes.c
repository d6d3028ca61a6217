#include "kernels/strict.h"
#include "runtime/results/results.h"

/* e^x to 1e-15 of itself, from its series about the nearest multiple of ln 2. */
static double net2c_exp(double x)
{
  double n, r, sum = 1, two;
  if (x != x) return x;
  x = x < -700 ? -700 : x > 700 ? 700 : x;
  n = (double)(int)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  r = x - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10;
  for (int i = 14; i > 0; --i) sum = 1 + sum * r / i;
  two = n < 0 ? 0.5 : 2;
  for (int i = n < 0 ? (int)-n : (int)n; i; i >>= 1, two *= two)
    if (i & 1) sum *= two;
  return sum;
}

/* ln x of a positive number, by Newton's iteration on e^y. */
static double net2c_log(double x)
{
  double y = 0;
  while (x > 1.5) x *= 0.5, y += 0.6931471805599453;
  while (x < 0.75) x *= 2, y -= 0.6931471805599453;
  {
    double z = x - 1;
    for (int i = 0; i < 5; ++i) z += 2 * (x - net2c_exp(z)) / (x + net2c_exp(z));
    return y + z;
  }
}

static double net2c_power(double x, double p) { return p == 1 ? x : x > 1e-30 ? net2c_exp(p * net2c_log(x)) : 0; }
static double net2c_sigmoid(double x) { return 1 / (1 + net2c_exp(-x)); }
static double net2c_as(uint32_t how, double x) { return how == NET2C_SIGMOID ? net2c_sigmoid(x) : x; }

static const float *net2c_numbers(const struct net2c_rows *r, const void *const outputs[], uint32_t anchor, uint32_t i)
{
  return (const float *)outputs[r->output] + r->first + (size_t)anchor * r->anchor + (size_t)i * r->next;
}

/* In pixels of the input. */
static void net2c_decode(const struct net2c_head *h, const float *v, size_t step, uint32_t anchor, uint32_t cell, struct net2c_box *box)
{
  const double a = v[0], b = v[step], c = v[2 * step], d = v[3 * step];
  const double wide = 2 * net2c_sigmoid(c), high = 2 * net2c_sigmoid(d);
  const double column = cell % h->grid_width, row = cell / h->grid_width;
  const float *size = h->anchor[anchor];
  double x = a, y = b, w = c, height = d; /* centre and size */
  switch (h->decode) {
  case NET2C_XYXY: x = (a + c) / 2, y = (b + d) / 2, w = c - a, height = d - b; break;
  case NET2C_YXYX: x = (b + d) / 2, y = (a + c) / 2, w = d - b, height = c - a; break;
  case NET2C_XYWH: x = a + c / 2, y = b + d / 2; break;
  case NET2C_CELL_EXP:
    x = column + h->stretch * (net2c_sigmoid(a) - 0.5) + 0.5, y = row + h->stretch * (net2c_sigmoid(b) - 0.5) + 0.5;
    w = size[0] * net2c_exp(c) / h->unit_x, height = size[1] * net2c_exp(d) / h->unit_y;
    break;
  case NET2C_CELL_SQUARE:
    x = column + 2 * net2c_sigmoid(a) - 0.5, y = row + 2 * net2c_sigmoid(b) - 0.5;
    w = size[0] * wide * wide / h->unit_x, height = size[1] * high * high / h->unit_y;
    break;
  case NET2C_CELL_TANH:
    x = column + 2 * net2c_sigmoid(2 * a) - 1, y = row + 2 * net2c_sigmoid(2 * b) - 1;
    w = size[0] * wide / 2 / h->unit_x, height = size[1] * high / 2 / h->unit_y;
    break;
  default: break;
  }
  box->left = (float)((x - w / 2) * h->unit_x), box->right = (float)((x + w / 2) * h->unit_x);
  box->top = (float)((y - height / 2) * h->unit_y), box->bottom = (float)((y + height / 2) * h->unit_y);
}

/* A heap whose first is the worst, so that it can make room for a better one. */
struct net2c_heap {
  struct net2c_candidate *all;
  uint32_t count, most, seen;
};

static int net2c_worse(const struct net2c_candidate *a, const struct net2c_candidate *b)
{
  return a->box.score < b->box.score || (a->box.score == b->box.score && a->order > b->order);
}

static void net2c_sink(struct net2c_candidate *all, uint32_t count, uint32_t at)
{
  const struct net2c_candidate moved = all[at];
  for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && net2c_worse(&all[child + 1], &all[child])) ++child;
    if (!net2c_worse(&all[child], &moved)) break;
    all[at] = all[child];
  }
  all[at] = moved;
}

static void net2c_add(struct net2c_heap *heap, const struct net2c_box *box)
{
  const struct net2c_candidate c = {*box, heap->seen++};
  if (heap->count < heap->most) {
    uint32_t at = heap->count++;
    for (; at && net2c_worse(&c, &heap->all[(at - 1) / 2]); at = (at - 1) / 2) heap->all[at] = heap->all[(at - 1) / 2];
    heap->all[at] = c;
  } else if (net2c_worse(&heap->all[0], &c)) {
    heap->all[0] = c;
    net2c_sink(heap->all, heap->count, 0);
  }
}

/* Into descending order. */
static void net2c_sort(struct net2c_heap *heap)
{
  for (uint32_t n = heap->count; n > 1; --n) {
    const struct net2c_candidate last = heap->all[n - 1];
    heap->all[n - 1] = heap->all[0];
    heap->all[0] = last;
    net2c_sink(heap->all, n - 1, 0);
  }
}

static void net2c_collect(const struct net2c_boxes_spec *s, const struct net2c_head *h, const void *const outputs[], uint32_t anchor,
                          uint32_t i, struct net2c_heap *heap)
{
  const float *v = net2c_numbers(&h->score, outputs, anchor, i);
  const size_t step = h->score.step;
  double object = 1, top = 0, sum = 0; /* softmax: the largest, and the sum of e^(x - largest) */
  uint32_t best = 0, first, end;
  struct net2c_box box;
  if (h->has_object) {
    object = net2c_power(net2c_as(h->object_as, net2c_numbers(&h->object, outputs, anchor, i)[0]), s->object_power);
    if (h->score_as != NET2C_AS_IT_IS && !(object > s->threshold)) return; /* times a class of at most 1 */
  }
  best = s->background == 0 && h->classes > 1;
  for (uint32_t c = best + 1; c < h->classes; ++c)
    if (c != s->background && v[c * step] > v[best * step]) best = c;
  for (uint32_t c = 0; h->score_as == NET2C_SOFTMAX && c < h->classes; ++c) {
    const double x = v[c * step];
    if (c && x <= top) sum += net2c_exp(x - top);
    else sum = (c ? sum * net2c_exp(top - x) : 0) + 1, top = x;
  }
  first = s->every_class ? 0 : best, end = s->every_class ? h->classes : best + 1;
  box.left = box.top = box.right = box.bottom = 0;
  for (uint32_t c = first, decoded = 0; c < end; ++c) {
    const double x = v[c * step];
    double score = h->score_as == NET2C_SOFTMAX ? net2c_exp(x - top) / sum : net2c_as(h->score_as, x);
    if (c == s->background) continue;
    score = object * net2c_power(score, s->score_power);
    if (!((float)score > s->threshold)) continue;
    if (!decoded++) net2c_decode(h, net2c_numbers(&h->box, outputs, anchor, i), h->box.step, anchor, i, &box);
    box.score = (float)score;
    box.label = c;
    net2c_add(heap, &box);
  }
}

static double net2c_area(double left, double top, double right, double bottom)
{
  return right > left && bottom > top ? (right - left) * (bottom - top) : 0;
}

static double net2c_overlap(const struct net2c_box *a, const struct net2c_box *b)
{
  const double both = net2c_area(a->left > b->left ? a->left : b->left, a->top > b->top ? a->top : b->top,
                                 a->right < b->right ? a->right : b->right, a->bottom < b->bottom ? a->bottom : b->bottom);
  const double all = net2c_area(a->left, a->top, a->right, a->bottom) + net2c_area(b->left, b->top, b->right, b->bottom) - both;
  return all > 0 ? both / all : 0;
}

static float net2c_between(double x, double most) { return (float)(x > 0 ? x < most ? x : most : 0); }

uint32_t net2c_boxes_find(const struct net2c_boxes_spec *s, const struct net2c_head *heads, const void *const outputs[],
                          const struct net2c_place *p, uint32_t width, uint32_t height, void *scratch, struct net2c_box *boxes)
{
  struct net2c_heap heap = {(struct net2c_candidate *)scratch, 0, s->candidates, 0};
  const double across = (double)p->width / p->to_width, down = (double)p->height / p->to_height;
  uint32_t n = 0;
  for (uint32_t h = 0; h < s->heads; ++h)
    for (uint32_t anchor = 0; anchor < heads[h].anchors; ++anchor)
      for (uint32_t i = 0; i < heads[h].count; ++i) net2c_collect(s, &heads[h], outputs, anchor, i, &heap);
  net2c_sort(&heap);
  for (uint32_t i = 0; i < heap.count && n < s->most; ++i) {
    const struct net2c_box *box = &heap.all[i].box;
    uint32_t k = 0;
    while (k < n && ((!s->across_classes && boxes[k].label != box->label) || !(net2c_overlap(&boxes[k], box) > s->overlap))) ++k;
    if (k == n) boxes[n++] = *box;
  }
  for (uint32_t i = 0; i < n; ++i) {
    struct net2c_box *b = &boxes[i];
    b->left = net2c_between((b->left + p->left) * across + p->x, width), b->right = net2c_between((b->right + p->left) * across + p->x, width);
    b->top = net2c_between((b->top + p->top) * down + p->y, height), b->bottom = net2c_between((b->bottom + p->top) * down + p->y, height);
  }
  return n;
}

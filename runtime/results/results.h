/* What a network's outputs mean: a map of classes, boxes. Tensors are f32, row-major. */
#ifndef NET2C_RESULTS_H
#define NET2C_RESULTS_H

#include "runtime/picture/picture.h"
#include "runtime/results/box.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Scores of classes for each pixel; one class: it, where its score is above the threshold, and 0 elsewhere. */
struct net2c_map_spec {
  uint32_t output, classes, height, width;
  uint32_t class_step, row_step, column_step; /* in floats */
  float threshold;
};
/* map: [height][width] of the picture, each the class of the input's pixel there, or 255 where the input does not show it.
 * input_height, input_width: the input's. scratch: s->height * s->width bytes. */
void net2c_map_make(const struct net2c_map_spec *s, const float *scores, const struct net2c_place *place, uint32_t input_height,
                    uint32_t input_width, uint32_t height, uint32_t width, void *scratch, uint8_t *map);

/* How four numbers are a box. CELL: relative to a cell of a grid and to an anchor's size,
 *   EXP: centre = cell + sigmoid, size = anchor e^x (YOLO 2 to 4); SQUARE: centre = cell + 2 sigmoid - 0.5, size = anchor (2 sigmoid)^2
 *   (YOLO 5); TANH: centre = cell + tanh, size = anchor sigmoid (FastestDet). */
enum { NET2C_XYXY, NET2C_YXYX, NET2C_CXCYWH, NET2C_XYWH, NET2C_CELL_EXP, NET2C_CELL_SQUARE, NET2C_CELL_TANH };
enum { NET2C_AS_IT_IS, NET2C_SIGMOID, NET2C_SOFTMAX };

/* Where boxes stand: for each anchor `count` of them. */
struct net2c_rows {
  uint32_t output, first; /* the first number of the first box */
  uint32_t step, next, anchor; /* from number to number, box to box, anchor to anchor; in floats */
};
#define NET2C_ANCHORS 16
struct net2c_head {
  uint32_t count, anchors, classes;
  struct net2c_rows box, object, score; /* four numbers, one, `classes` */
  uint32_t has_object;
  uint32_t decode, object_as, score_as;
  uint32_t grid_width;
  float unit_x, unit_y;                 /* of a coordinate, of a cell: in pixels of the input */
  float stretch;                        /* of EXP: centre = middle of the cell + stretch (sigmoid - 1/2) */
  float anchor[NET2C_ANCHORS][2];       /* width and height in pixels of the input */
};
struct net2c_boxes_spec {
  uint32_t heads;
  uint32_t background;                  /* a class that is no object; none: over all classes */
  uint32_t every_class;                 /* 1: a box for every class over the threshold; 0: for the best one */
  uint32_t across_classes;              /* 1: boxes of other classes suppress, too */
  uint32_t candidates, most;            /* boxes before and after the suppression */
  float threshold, overlap;             /* score above this; intersection over union at most this */
  float object_power, score_power;      /* score = object ^ one * class ^ other */
};
struct net2c_candidate {
  struct net2c_box box;
  uint32_t order;
};
/* The best first; returns their number, up to s->most. scratch: s->candidates of struct net2c_candidate. width, height: of the
 * picture; boxes end at its borders. */
uint32_t net2c_boxes_find(const struct net2c_boxes_spec *s, const struct net2c_head *heads, const void *const outputs[],
                          const struct net2c_place *place, uint32_t width, uint32_t height, void *scratch, struct net2c_box *boxes);

#ifdef __cplusplus
}
#endif

#endif

/* From a picture of any size to a network's input: part of it, resized, cropped or padded, channels ordered, scaled and
 * shifted. The resize is that of the library which prepared the pictures of the training. */
#ifndef NET2C_PICTURE_H
#define NET2C_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NET2C_FIT_NONE, NET2C_FIT_SHORT, NET2C_FIT_STRETCH, NET2C_FIT_LETTERBOX };
enum { NET2C_NEAREST, NET2C_BILINEAR, NET2C_BICUBIC, NET2C_AREA };
/* PILLOW: Image.resize, and before version 13 (which resizes pictures whose height shrinks by much more down first). OPENCV:
 * cv::resize on 8 bits. TENSORFLOW: tf.image.resize of version 2 (centres of pixels), of version 1 (corners), of version 1 with
 * align_corners, and of version 2 with antialias. */
enum {
  NET2C_PILLOW, NET2C_PILLOW12, NET2C_OPENCV, NET2C_TENSORFLOW, NET2C_TENSORFLOW1, NET2C_TENSORFLOW1_ALIGNED,
  NET2C_TENSORFLOW_ANTIALIAS
};

struct net2c_picture_spec {
  uint32_t height, width;     /* of the input */
  uint32_t channels;          /* of the input: 1 (grey) or 3 */
  uint32_t bgr;               /* 1: blue first */
  uint32_t interleaved;       /* 1: [H][W][C], 0: [C][H][W] */
  uint32_t bytes;             /* 1: the input is u8, 0: f32 */
  uint32_t fit, library, filter;
  uint32_t to_height, to_width; /* FIT_SHORT: both the length of the short side. FIT_STRETCH: the size. Else 0 */
  uint32_t nearest;           /* size after the resize: 1 rounded, 0 cut off */
  uint32_t corner;            /* FIT_LETTERBOX: 1 at the top left, 0 in the middle */
  double central;             /* only this share of each side, in the middle; 1: all */
  float fill[3];              /* around a letter-box, 0..255 by input channel */
  float scale[3], shift[3];   /* y = x * scale + shift by input channel, x in 0..255 */
  uint32_t mean_height, mean_width; /* of the mean image, [channels][height][width]: the size after the resize;
                                       0: none */
};

/* Where the picture lies. */
struct net2c_place {
  uint32_t x, y, width, height;   /* the part that is used */
  uint32_t to_width, to_height;   /* its size after the resize */
  int32_t left, top;              /* of the input in it; negative: padding */
};

/* 0, or 1: the picture is too small for the crop, or not 1 to 2^15 pixels a side. */
int net2c_picture_place(const struct net2c_picture_spec *s, uint32_t width, uint32_t height, struct net2c_place *place);

/* Bytes of scratch for net2c_picture_prepare; 0: the picture does not fit. */
size_t net2c_picture_scratch(const struct net2c_picture_spec *s, uint32_t width, uint32_t height);

/* pixels: [height][stride bytes], 1 (grey), 3 (RGB) or 4 (RGBA, A ignored) bytes a pixel; + NET2C_PICTURE_BGR: blue first.
 * scratch: 8-byte aligned. 0, or 1 where net2c_picture_scratch is 0. */
#define NET2C_PICTURE_BGR 16u
int net2c_picture_prepare(const struct net2c_picture_spec *s, const float *mean, const uint8_t *pixels, uint32_t width, uint32_t height,
                          size_t stride, uint32_t format, void *scratch, void *input);

#ifdef __cplusplus
}
#endif

#endif

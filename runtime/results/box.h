#ifndef NET2C_BOX_H
#define NET2C_BOX_H

struct net2c_box {
  float left, top, right, bottom, score; /* in pixels of the picture */
  unsigned label;
};

#endif

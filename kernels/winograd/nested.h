/* Of the nested kernels: the transforms of the input along one axis and of the filters. The output's is transform.h's of five points. */
#ifndef NET2C_NESTED_H
#define NET2C_NESTED_H

#include "kernels/winograd/nested_args.h"
#include "kernels/winograd/transform.h"

NET2C_INLINE void net2c_nested_input_axis(const vt *d, vt *o)
{
  const vt far = fmat(sett(-1.5625f), d[1], d[3]), far2 = fmat(sett(-1.5625f), d[0], d[2]);
  const vt close = fmat(sett(-0.25f), d[1], d[3]), close2 = fmat(sett(-0.25f), d[0], d[2]);
  o[0] = fmat(sett(0.5f), far2, far), o[1] = fmat(sett(-0.5f), far2, far);
  o[2] = fmat(sett(1.25f), close2, close), o[3] = fmat(sett(-1.25f), close2, close);
  o[4] = fmat(sett(0.390625f), d[0], fmat(sett(-1.8125f), d[2], d[4]));
}

NET2C_INLINE void net2c_nested_filter_axis(const vt *w, vt *o)
{
  const vt even = fmat(sett(-0.1904761905f), w[2], mult(sett(-0.7619047619f), w[0])), odd = mult(sett(-0.3809523810f), w[1]);
  const vt even2 = fmat(sett(0.4761904762f), w[2], mult(sett(0.3047619048f), w[0])), odd2 = mult(sett(0.3809523810f), w[1]);
  o[0] = addt(odd, even), o[1] = subt(odd, even), o[2] = addt(odd2, even2), o[3] = subt(odd2, even2), o[4] = w[2];
}

#define NET2C_NESTED_PIECE(piece) ((piece) / 3 * 27 + (piece) % 3 * 3)   /* its first tap */

/* The 3 x 3 taps of a piece, `tap` numbers apart from `first` on at w, 9 taps a row; to the 25 results, `plane` floats apart at u: VT numbers of each
 * tap, or 8 if `lanes` are no more. */
NET2C_INLINE void net2c_nested_filter(const void *w, ptrdiff_t first, ptrdiff_t tap, float *u, size_t plane, uint32_t lanes, const int H)
{
  const int whole = lanes >= NET2C_VT;
  vt t[5][3], in[3], out[5];
  NET2C_UNROLL for (int j = 0; j < 3; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < 3; ++i) in[i] = net2c_winograd_weights(w, first + (i * 9 + j) * tap, whole ? NET2C_VT : 8, H);
    net2c_nested_filter_axis(in, out);
    NET2C_UNROLL for (int i = 0; i < 5; ++i) t[i][j] = out[i];
  }
  NET2C_UNROLL for (int i = 0; i < 5; ++i)
  {
    net2c_nested_filter_axis(t[i], out);
    NET2C_UNROLL for (int j = 0; j < 5; ++j)
    {
      float *to = u + (size_t)(i * 5 + j) * plane;
      if (whole) storet(to, out[j]);
      else store8(to, halft(out[j], 0));
    }
  }
}

#endif

#include "base/error.h"

namespace net2c {

std::string describe(const Where &where)
{
  std::string text;
  if (!where.file.empty()) text += where.file + ": ";
  if (!where.layer.empty()) text += "layer '" + where.layer + "'";
  if (!where.op.empty()) text += (where.layer.empty() ? "" : " ") + std::string("(") + where.op + ")";
  if (!where.layer.empty() || !where.op.empty()) text += ": ";
  return text;
}

}  // namespace net2c

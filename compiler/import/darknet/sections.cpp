#include "import/darknet/sections.h"

#include <unordered_map>

namespace net2c::darknet {

Translator translator_of(std::string_view section)
{
  static const std::unordered_map<std::string_view, Translator> table = {
      {"activation", activation},
      {"avg", avgpool},
      {"avgpool", avgpool},
      {"batchnorm", batchnorm},
      {"conn", connected},
      {"connected", connected},
      {"conv", convolutional},
      {"convolutional", convolutional},
      {"cost", same},
      {"crop", crop},
      {"deconvolutional", deconvolutional},
      {"detection", detection},
      {"dropout", same},
      {"empty", same},
      {"l2norm", l2norm},
      {"local", local},
      {"local_avg", local_avgpool},
      {"local_avgpool", local_avgpool},
      {"logistic", logistic},
      {"max", maxpool},
      {"maxpool", maxpool},
      {"region", region},
      {"reorg", reorg},
      {"reorg3d", reorg3d},
      {"route", route},
      {"sam", scale_channels},
      {"scale_channels", scale_channels},
      {"shortcut", shortcut},
      {"silence", same},
      {"soft", softmax},
      {"softmax", softmax},
      {"upsample", upsample},
      {"yolo", yolo},
  };
  const auto found = table.find(section);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace net2c::darknet

// Says on stderr what is being done, once it has taken over two seconds.
#pragma once

#include "driver/progress.h"

namespace net2c::cli {

class SpokenProgress : public Progress {
 public:
  SpokenProgress();
  ~SpokenProgress() override;
  SpokenProgress(const SpokenProgress &) = delete;
  void stage(const std::string &what) override;

 private:
  struct State;
  State *state_;
};

}  // namespace net2c::cli

#include <gtest/gtest.h>

#include "plan/plan.h"

using namespace net2c;

TEST(Catalogue, WordsMatchTheStructs)
{
  for (const Kernel &kernel : catalogue()) {
    EXPECT_FALSE(kernel.family->fields.empty()) << kernel.name;
    EXPECT_EQ(kernel_named(kernel.name), static_cast<KernelId>(&kernel - catalogue().data()));
  }
}

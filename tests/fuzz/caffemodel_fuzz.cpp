// libFuzzer: whatever the bytes are, the caffemodel reader gives a graph or an Error: of the network inside, and as the weights
// of another one; and the reader of mean images an array or an Error.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "import/caffe/caffe.h"
#include "import/caffe/records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  using namespace net2c;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  static const char text[] = R"(input: "data" input_shape { dim: 1 dim: 2 dim: 4 dim: 4 }
    layer { name: "conv" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 3 kernel_size: 2 } }
    layer { name: "norm" type: "BatchNorm" bottom: "c" top: "c" }
    layer { name: "fc" type: "InnerProduct" bottom: "c" top: "f" inner_product_param { num_output: 2 } })";
  const std::span<const std::byte> net = std::as_bytes(std::span(text, std::strlen(text)));
  ImportOptions options;
  options.fold_limit = 1 << 18;   // so that one input takes milliseconds
  options.open_size = {8, 8};
  const auto attempt = [](auto f) {
    try {
      f();
    } catch (const Error &) {
    }
  };
  attempt([&] { caffe::kind_of(bytes); });
  attempt([&] { caffe::import_caffe({}, caffe::File{"fuzz", bytes}, {}, options); });
  attempt([&] { caffe::import_caffe(caffe::File{"net", net}, caffe::File{"fuzz", bytes}, {}, options); });
  attempt([&] { caffe::import_caffe(caffe::File{"net", net}, {}, caffe::File{"fuzz", bytes}, options); });
  return 0;
}

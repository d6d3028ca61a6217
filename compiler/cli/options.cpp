#include "cli/options.h"

namespace net2c::cli {

void add_model_options(CLI::App &app, ModelOptions &o, bool with_inputs)
{
  app.add_option("FILES", o.files,
                 "the model: all its files in any order. " + model_files_help())->required();
  app.add_option("--const", o.constants, "NAME=FILE: bake this input in, as .npy or .pb")->take_all();
  if (!with_inputs) return;
  app.add_option("--input", o.inputs, "NAME=FILE (or FILE where there is one input): .npy, .pb (ONNX TensorProto), .png or .jpg")->take_all();
  app.add_option("--preprocess", o.preprocess, "JSON file that says how a picture becomes the input, see below");
}

void add_size_options(CLI::App &app, ModelOptions &o, bool lists)
{
  const std::string more = lists ? "; a list (224x224,480x640) makes a bundle that is opened with one of them" : "";
  app.add_option("--size", o.size, "HEIGHTxWIDTH of the image where the model leaves it open, e.g. 480x640" + more);
  app.add_option("--batch", o.batch, "images in one run (default: 1 where the model leaves it open)" + std::string(lists ? "; or a list" : ""));
}

void add_plan_options(CLI::App &app, ModelOptions &o)
{
  app.add_option("--max-memory", o.max_memory,
                 "weights + arena that one thread may take, as inspect prints them, e.g. 20MB (bytes, K, M or G, of 1000); layers that need more "
                 "take slower algorithms, which round differently");
  app.add_option("--tuned", o.tuned,
                 "records that net2c tune wrote, or avx2, avx512 (those that ship), a list: layers in them take what measured fastest, not what the "
                 "cost model says; another algorithm rounds differently")
      ->delimiter(',');
  app.add_option("--weights", o.weights, "fp32 (default), or fp16: weights of convolutions and dense layers are rounded to half precision; sums stay fp32");
}

}  // namespace net2c::cli

#include "driver/bundle.h"

#include "driver/preprocess.h"

namespace net2c {

Bundle bundle_of(const Model &model, const Recipe &recipe, const BundleOptions &o)
{
  EmitOptions emitted;
  for (const std::string &isa : o.isas) emitted.isas.push_back(isa_named(isa));
  const std::string file = model.file.substr(model.file.find_last_of('/') + 1);
  emitted.name = o.name.empty() ? file.substr(0, file.find_last_of('.')) : o.name;
  emitted.labels = model.labels;
  emitted.source = file;
  if (!o.preprocess.empty()) {
    if (recipe.inputs.empty()) fail({.file = model.file}, "has no input that --preprocess could make");
    if (recipe.inputs[0].type != Type::f32) fail({.file = model.file}, "input '{}' is {}; --preprocess makes f32", recipe.inputs[0].name, name_of(recipe.inputs[0].type));
    emitted.picture = read_preprocess(o.preprocess, recipe.inputs[0].name, recipe.inputs[0].shape, model.picture);
  } else if (model.picture.stated && model.picture.missing.empty() && recipe.inputs.size() == 1 && fits_picture(recipe.inputs[0].shape)) {
    emitted.picture = read_preprocess("", recipe.inputs[0].name, recipe.inputs[0].shape, model.picture);
  }
  return emit(recipe, emitted);
}

}  // namespace net2c

#include "driver/pictures.h"

#include <cstdio>   // before jpeglib.h, which needs it
#include <jpeglib.h>
#include <jerror.h>   // after jpeglib.h
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "base/error.h"

namespace net2c {

namespace {

constexpr uint32_t largest = 1 << 15;

bool starts_with(std::span<const std::byte> bytes, const char *magic, size_t n)
{
  return bytes.size() > n && std::memcmp(bytes.data(), magic, n) == 0;
}

Picture read_png(const std::string &path, std::span<const std::byte> bytes)
{
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) fail({.file = path}, "is a damaged PNG ({})", image.message);
  if (image.width > largest || image.height > largest) {
    png_image_free(&image);
    fail({.file = path}, "is {}x{} pixels; at most {} a side are read", image.width, image.height, largest);
  }
  image.format = PNG_FORMAT_RGB;
  Picture p{image.width, image.height, std::vector<uint8_t>(PNG_IMAGE_SIZE(image))};
  const png_color black{0, 0, 0};
  if (!png_image_finish_read(&image, &black, p.rgb.data(), 0, nullptr)) fail({.file = path}, "is a damaged PNG ({})", image.message);
  return p;
}

struct JpegError {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  char text[JMSG_LENGTH_MAX];
};

// libjpeg reports errors by a jump: no C++ object may live between setjmp and here.
bool decode_jpeg(std::span<const std::byte> bytes, Picture &p, JpegError &error)
{
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = [](j_common_ptr common) {
    auto *e = reinterpret_cast<JpegError *>(common->err);
    e->manager.format_message(common, e->text);
    std::longjmp(e->back, 1);
  };
  // libjpeg only warns when the file ends early, and paints the rest grey.
  error.manager.emit_message = [](j_common_ptr common, int) {
    if (common->err->msg_code == JWRN_JPEG_EOF) common->err->error_exit(common);
  };
  if (setjmp(error.back)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
  if (info.image_width > largest || info.image_height > largest) {
    std::snprintf(error.text, sizeof error.text, "over %u pixels a side", largest);
    jpeg_destroy_decompress(&info);
    return false;
  }
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  p.width = info.output_width, p.height = info.output_height;
  p.rgb.resize(size_t{p.width} * p.height * 3);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = p.rgb.data() + size_t{info.output_scanline} * p.width * 3;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

bool is_picture(std::span<const std::byte> bytes)
{
  return starts_with(bytes, "\x89PNG\r\n\x1a\n", 8) || starts_with(bytes, "\xff\xd8\xff", 3);
}

Picture read_picture(const std::string &path, std::span<const std::byte> bytes)
{
  if (starts_with(bytes, "\x89PNG", 4)) return read_png(path, bytes);
  Picture p;
  JpegError error{};
  if (!decode_jpeg(bytes, p, error)) fail({.file = path}, "is a damaged JPEG ({})", error.text);
  return p;
}

}  // namespace net2c

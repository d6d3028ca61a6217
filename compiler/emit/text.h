// Foreign names in C text.
#pragma once

#include <string>

namespace net2c {

std::string c_string(const std::string &);    // "quoted", any bytes
std::string c_comment(const std::string &);   // what can stand in a comment: nothing ends it or alarms a compiler
std::string c_float(float);                   // exact, infinities and NaN too

}  // namespace net2c

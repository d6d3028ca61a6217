# cmake -DROOT=... -DOUT=... -P embed.cmake: the C sources under ROOT that a bundle is made of, and the records of times that ship, as a table in C++.
cmake_policy(SET CMP0007 NEW)
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/kernels/*.h ${ROOT}/kernels/*.c ${ROOT}/kernels/*.def ${ROOT}/runtime/*.h
     ${ROOT}/runtime/*.c ${ROOT}/runtime/bundle/*.in ${ROOT}/compiler/driver/records/*.txt)
list(SORT files)
set(text "#include \"emit/sources.h\"\n\nnamespace net2c {\n\nconst std::map<std::string, std::string> &embedded_sources()\n{\n")
string(APPEND text "  static const std::map<std::string, std::string> all = {\n")
foreach(file IN LISTS files)
  file(READ ${ROOT}/${file} source)
  string(APPEND text "    {\"${file}\", R\"net2c~(${source})net2c~\"},\n")
endforeach()
string(APPEND text "  };\n  return all;\n}\n\n}  // namespace net2c\n")
file(WRITE ${OUT} "${text}")

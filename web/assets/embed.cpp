// embed MANIFEST OUTPUT: packs the files named in MANIFEST ("name|file|text to add", one a line) into a C++ source
// file.
#include <openssl/evp.h>
#include <zlib.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "web/assets/modules.h"

namespace sonde::embed {
namespace {

struct Entry {
  std::string path, content_type, etag, packed, name;
  std::size_t size;
  bool immutable;
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

Files read_manifest(const std::string& path) {
  Files files;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto first = line.find('|'), second = line.find('|', first + 1);
    std::string text = read_file(line.substr(first + 1, second - first - 1));
    if (second + 1 < line.size()) text += "\n" + line.substr(second + 1) + "\n";
    files[line.substr(0, first)] = std::move(text);
  }
  return files;
}

/// 16 hexadecimal digits of SHA-256.
std::string hash_of(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (int i = 0; i < 8; ++i) hex += {kDigits[digest[i] >> 4], kDigits[digest[i] & 15]};
  return hex;
}

std::string packed(std::string& text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib does not start");
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib does not end");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string content_type_of(const std::string& name) {
  static const std::map<std::string, std::string> kTypes = {
      {"html", "text/html; charset=utf-8"},        {"js", "text/javascript; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},          {"json", "application/json"},
      {"md", "text/markdown; charset=utf-8"},      {"txt", "text/plain; charset=utf-8"},
      {"svg", "image/svg+xml; charset=utf-8"},     {"png", "image/png"},
      {"webmanifest", "application/manifest+json"}};
  const auto found = kTypes.find(name.substr(name.rfind('.') + 1));
  if (found == kTypes.end()) throw std::runtime_error("no content type is known for " + name);
  return found->second;
}

std::vector<Entry> entries_of(const Files& files) {
  std::string all;
  for (const auto& [name, text] : files) all += name + '\0' + hash_of(text);
  const std::string prefix = "/assets/" + hash_of(all) + "/";
  std::map<std::string, Entry> by_path;
  for (const auto& [name, text] : files) {
    const bool page = name.ends_with(".html");
    if (name.ends_with(".js")) imports_of(files, name);  // for its complaints
    std::string content = page ? linked_page(files, name, prefix) : text;
    const std::string path = name == "index.html" ? "/" : page ? "/" + name : prefix + name;
    by_path[path] = {path, content_type_of(name), "\"" + hash_of(content) + "\"", packed(content), name, content.size(),
                     !page};
  }
  std::vector<Entry> entries;
  for (auto& [path, entry] : by_path) entries.push_back(std::move(entry));
  return entries;
}

void write_source(std::ostream& out, const std::vector<Entry>& entries) {
  out << "// Made by embed.\n#include \"web/assets.h\"\n\nnamespace sonde::web {\nnamespace {\n\n";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    out << "constexpr unsigned char kFile" << i << "[] = {";
    for (const unsigned char c : entries[i].packed) out << static_cast<unsigned>(c) << ',';
    out << "};\n";
  }
  out << "constexpr Asset kAssets[] = {\n";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& e = entries[i];
    out << "    {R\"(" << e.path << ")\", R\"(" << e.content_type << ")\", R\"(" << e.etag << ")\", kFile" << i << ", "
        << e.size << ", " << (e.immutable ? "true" : "false") << "},\n";
  }
  out << "};\n\n}  // namespace\n\nstd::span<const Asset> all_assets() { return kAssets; }\n\n"
         "std::string_view asset_path(std::string_view name) {\n";
  for (const Entry& e : entries) out << "  if (name == R\"(" << e.name << ")\") return R\"(" << e.path << ")\";\n";
  out << "  return {};\n}\n\n}  // namespace sonde::web\n";
}

}  // namespace
}  // namespace sonde::embed

int main(int count, char** arguments) try {
  if (count != 3) throw std::runtime_error("usage: embed MANIFEST OUTPUT");
  std::ofstream out(arguments[2]);
  sonde::embed::write_source(out, sonde::embed::entries_of(sonde::embed::read_manifest(arguments[1])));
  return out.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "embed: " << error.what() << "\n";
  return 1;
}

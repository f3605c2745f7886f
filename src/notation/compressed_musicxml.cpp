#include <zlib.h>

#include <cstdint>
#include <limits>
#include <string_view>

#include "core/fail.h"
#include "notation/musicxml.h"

namespace yourmt3 {
namespace {

// Source: PKWARE APPNOTE 6.3; sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).

constexpr std::string_view kContainer =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<container><rootfiles><rootfile full-path=\"score.musicxml\""
    " media-type=\"application/vnd.recordare.musicxml+xml\"/></rootfiles></container>\n";
constexpr std::string_view kMediaType = "application/vnd.recordare.musicxml";

void append_number(std::string& out, std::uint32_t value, int n_bytes) {
  for (int i = 0; i < n_bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string deflated(std::string_view text) {
  z_stream stream{};
  // Negative window bits: no zlib header, as zip wants it.
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    fail(ErrorCode::kOutOfMemory, "out of memory while compressing a score");
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  YOURMT3_ASSERT(status == Z_STREAM_END);
  static_cast<void>(status);
  return out;
}

/// A zip archive; times are those of its epoch, so that equal scores give equal bytes.
class ZipWriter {
 public:
  void add(std::string_view name, std::string_view content, bool compress) {
    const std::string stored = compress ? deflated(content) : std::string(content);
    const auto offset = static_cast<std::uint32_t>(bytes_.size());
    const std::string header = shared_header(name, content, stored, compress);
    append_number(bytes_, 0x04034b50, 4);
    bytes_ += header;
    bytes_ += name;
    bytes_ += stored;

    append_number(directory_, 0x02014b50, 4);
    append_number(directory_, 20, 2);  // Made by version 2.0.
    directory_ += header;
    append_number(directory_, 0, 2);  // Comment,
    append_number(directory_, 0, 2);  // disk,
    append_number(directory_, 0, 2);  // internal
    append_number(directory_, 0, 4);  // and external attributes.
    append_number(directory_, offset, 4);
    directory_ += name;
    ++n_files_;
  }

  std::string finish() {
    const auto offset = static_cast<std::uint32_t>(bytes_.size());
    bytes_ += directory_;
    append_number(bytes_, 0x06054b50, 4);
    append_number(bytes_, 0, 4);  // Disks.
    append_number(bytes_, n_files_, 2);
    append_number(bytes_, n_files_, 2);
    append_number(bytes_, static_cast<std::uint32_t>(directory_.size()), 4);
    append_number(bytes_, offset, 4);
    append_number(bytes_, 0, 2);
    return std::move(bytes_);
  }

 private:
  static std::string shared_header(std::string_view name, std::string_view content, std::string_view stored,
                                   bool compress) {
    const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    std::string out;
    append_number(out, 20, 2);                // Version needed.
    append_number(out, 0, 2);                 // Flags.
    append_number(out, compress ? 8 : 0, 2);  // Deflated or stored.
    append_number(out, 0, 2);                 // 00:00:00,
    append_number(out, 0x21, 2);              // 1 January 1980.
    append_number(out, static_cast<std::uint32_t>(checksum), 4);
    append_number(out, static_cast<std::uint32_t>(stored.size()), 4);
    append_number(out, static_cast<std::uint32_t>(content.size()), 4);
    append_number(out, static_cast<std::uint32_t>(name.size()), 2);
    append_number(out, 0, 2);  // Extra field.
    return out;
  }

  std::string bytes_, directory_;
  std::uint32_t n_files_ = 0;
};

}  // namespace

std::string compress_musicxml(const std::string& musicxml) {
  if (musicxml.size() > std::numeric_limits<std::int32_t>::max()) {
    fail(ErrorCode::kUnsupported, "a score of {} bytes is too large for a compressed file", musicxml.size());
  }
  ZipWriter zip;
  zip.add("mimetype", kMediaType, false);
  zip.add("META-INF/container.xml", kContainer, true);
  zip.add("score.musicxml", musicxml, true);
  return zip.finish();
}

}  // namespace yourmt3

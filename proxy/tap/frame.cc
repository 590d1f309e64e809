#include "proxy/tap/frame.h"

#include <cstring>
#include <string>
#include <vector>

namespace understudy::tap {
namespace {

// Numbers in the machine's own order: both ends are of one machine.
struct Output {
  std::byte* at;
  template <class T>
  void number(T value) {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    if (!value.empty()) std::memcpy(at, value.data(), value.size());
    at += value.size();
  }
  void fields(std::span<const http::Field> list) {
    number(static_cast<std::uint32_t>(list.size()));
    for (const http::Field& field : list) {
      text(field.name);
      text(field.value);
    }
  }
};

constexpr std::size_t size_of_text(std::string_view text) {
  return 4 + text.size();
}

std::size_t size_of_fields(std::span<const http::Field> list) {
  std::size_t size = 4;
  for (const http::Field& field : list) size += 8 + field.name.size() + field.value.size();
  return size;
}

struct Input {
  std::span<const std::byte> rest;
  bool good = true;

  template <class T>
  T number() {
    T value{};
    if (rest.size() < sizeof value) {
      good = false;
      return value;
    }
    std::memcpy(&value, rest.data(), sizeof value);
    rest = rest.subspan(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    if (!good || rest.size() < size) {
      good = false;
      return {};
    }
    std::string value(reinterpret_cast<const char*>(rest.data()), size);
    rest = rest.subspan(size);
    return value;
  }
  void fields(std::vector<http::OwnedField>& list) {
    list.clear();
    const auto count = number<std::uint32_t>();
    // Each field takes at least eight octets: a count beyond that is a lie, and must not size anything.
    if (count > rest.size() / 8) good = false;
    if (good) list.reserve(count);
    for (std::uint32_t i = 0; good && i < count; ++i) {
      std::string name = text();
      list.push_back({std::move(name), text()});
    }
  }
  bool whole() const { return good && rest.empty(); }
};

template <class T>
bool decode_fixed(std::span<const std::byte> payload, T& value) {
  if (payload.size() != sizeof value) return false;
  std::memcpy(&value, payload.data(), sizeof value);
  return true;
}

}  // namespace

std::size_t encoded_size(const RequestHeadParts& head) {
  return 8 + 4 + 4 + 8 + size_of_text(head.method) + size_of_text(head.scheme) + size_of_text(head.authority) +
         size_of_text(head.target) + size_of_fields(head.fields);
}

void encode(const RequestHeadParts& head, std::byte* out) {
  Output output{out};
  output.number(head.connection);
  output.number(head.copies);
  output.number(static_cast<std::uint32_t>(head.framing));
  output.number(head.content_length);
  output.text(head.method);
  output.text(head.scheme);
  output.text(head.authority);
  output.text(head.target);
  output.fields(head.fields);
}

std::size_t encoded_size(const ResponseHeadParts& head) {
  return 4 + size_of_fields(head.fields);
}

void encode(const ResponseHeadParts& head, std::byte* out) {
  Output output{out};
  output.number(static_cast<std::uint32_t>(head.status));
  output.fields(head.fields);
}

bool decode(std::span<const std::byte> payload, DecodedRequestHead& head) {
  Input input{payload};
  head.connection = input.number<std::uint64_t>();
  head.copies = input.number<std::uint32_t>();
  const auto framing = input.number<std::uint32_t>();
  head.message.content_length = input.number<std::uint64_t>();
  head.message.method = input.text();
  head.message.scheme = input.text();
  head.message.authority = input.text();
  head.message.target = input.text();
  input.fields(head.message.fields);
  if (!input.whole() || head.copies < 1 || head.copies > 10 ||
      framing > static_cast<std::uint32_t>(http::Framing::chunked))
    return false;
  head.message.framing = static_cast<http::Framing>(framing);
  return true;
}

bool decode(std::span<const std::byte> payload, http::ResponseMessage& head) {
  Input input{payload};
  const auto status = input.number<std::uint32_t>();
  input.fields(head.fields);
  head.trailers.clear();
  head.status = static_cast<int>(status);
  return input.whole() && status >= 100 && status <= 599;
}

bool decode_trailers(std::span<const std::byte> payload, std::vector<http::OwnedField>& trailers) {
  Input input{payload};
  const auto status = input.number<std::uint32_t>();
  input.fields(trailers);
  return input.whole() && status == 0;
}

bool decode(std::span<const std::byte> payload, EndPayload& end) {
  return decode_fixed(payload, end) && end.primary_failed <= 1 && end.primary_aborted <= 1 &&
         static_cast<std::size_t>(end.reason) < control::fail_reason_names.size();
}

bool decode(std::span<const std::byte> payload, AbandonPayload& abandon) {
  return decode_fixed(payload, abandon) && static_cast<std::size_t>(abandon.reason) < control::drop_reason_names.size();
}

}  // namespace understudy::tap

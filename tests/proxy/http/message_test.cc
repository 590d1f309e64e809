#include "proxy/http/message.h"

#include <gtest/gtest.h>

#include <string>

#include "proxy/http/method.h"

namespace understudy::http {
namespace {

TEST(Message, RequestIsWrittenAsAClientSendsIt) {
  RequestMessage request{.method = "POST",
                         .scheme = "http",
                         .authority = "a:1",
                         .target = "/x",
                         .fields = {{"A", "1"}, {"Via", "1.1 understudy"}},
                         .framing = Framing::content_length,
                         .content_length = 5};
  Buffer out;
  write_request_head(out, request);
  EXPECT_EQ(out.view(), "POST /x HTTP/1.1\r\nHost: a:1\r\nA: 1\r\nVia: 1.1 understudy\r\nContent-Length: 5\r\n\r\n");
  out.clear();
  request.framing = Framing::chunked;
  request.fields = {};
  write_request_head(out, request);
  EXPECT_EQ(out.view(), "POST /x HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(Message, FieldsCannotTouchFramingOrConnection) {
  const RequestMessage request{.method = "GET",
                               .scheme = "http",
                               .authority = "a",
                               .target = "/",
                               .fields = {{"host", "b"},
                                          {"Content-Length", "5"},
                                          {"Transfer-Encoding", "chunked"},
                                          {"Connection", "close"},
                                          {"expect", "100-continue"},
                                          {"Upgrade", "h2c"}}};
  Buffer out;
  write_request_head(out, request);
  EXPECT_EQ(out.view(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(Message, FieldsAreSetAndRemovedWhateverTheirCase) {
  std::vector<OwnedField> fields = {{"A", "1"}, {"b", "2"}, {"a", "3"}};
  set_field(fields, "a", "4");
  EXPECT_EQ(fields, (std::vector<OwnedField>{{"b", "2"}, {"a", "4"}}));
  remove_fields(fields, "B");
  EXPECT_EQ(fields, (std::vector<OwnedField>{{"a", "4"}}));
  ASSERT_NE(find_field(fields, "A"), nullptr);
  EXPECT_EQ(find_field(fields, "A")->value, "4");
  EXPECT_EQ(find_field(fields, "B"), nullptr);
}

TEST(Method, PromisesWhatRfc9110Says) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE"})
    EXPECT_TRUE(is_safe(method) && is_idempotent(method)) << method;
  for (const char* method : {"PUT", "DELETE"}) EXPECT_TRUE(!is_safe(method) && is_idempotent(method)) << method;
  for (const char* method : {"POST", "PATCH", "get", ""})
    EXPECT_TRUE(!is_safe(method) && !is_idempotent(method)) << method;
}

}  // namespace
}  // namespace understudy::http

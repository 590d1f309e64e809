// Structure, arrays, paths and limits of the JSON comparison, one example a line.
#include "diff/body/json_compare.h"

#include <gtest/gtest.h>

#include <string>

#include "diff/compare.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

TEST(JsonCompare, FindsWhatPeersOverlook) {  // DIFF.md 5.2
  EXPECT_EQ(compare_json(R"({"id":505874924095815681})", R"({"id":505874924095815682})"), Names{"value_changed /id"});
  EXPECT_EQ(compare_json(R"({"a":1})", R"({"a":1.0})"), Names{"number_form /a"});
  EXPECT_EQ(compare_json(R"({"a":1e400})", R"({"a":2e400})"), Names{"value_changed /a"});
  EXPECT_EQ(compare_json(R"({"a":1,"a":2})", R"({"a":2})"), Names{"duplicate_key /a"});
  EXPECT_EQ(compare_json(R"({"__proto__":{"a":1}})", R"({"__proto__":{"a":2}})"), Names{"value_changed /__proto__/a"});
}

TEST(JsonCompare, ComparesNumbersByExactValueAndForm) {
  EXPECT_EQ(compare_json("[18446744073709551615]", "[18446744073709551614]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[18446744073709551616]", "[18446744073709551617]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[-9223372036854775809]", "[-9223372036854775810]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[18446744073709551616]", "[1.8446744073709551616e19]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[1]", "[1e0]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[1.0]", "[1e0]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[1.0]", "[1.000000000000000005]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[0.1]", "[0.1000000000000000055511151231257827]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[0.1]", "[0.10000000000000001]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[0.1]", "[0.10000000000000002]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[9007199254740993.0]", "[9007199254740992.0]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[1e400]", "[10e399]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[1e400]", "[ 1e400 ]"), Names{});
  EXPECT_EQ(compare_json("[0.0]", "[-0.0]"), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[1.5]", "[ 1.5 ]"), Names{});
  EXPECT_EQ(compare_json("[9007199254740993]", "[9007199254740992.0]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[1]", "[2.5]"), Names{"value_changed /*"});
}

TEST(JsonCompare, TakesNumbersWithinTheToleranceAsEqual) {
  Settings settings;
  settings.tolerance = 0.01;
  EXPECT_EQ(compare_json("[100]", "[100.9]", settings), Names{});
  EXPECT_EQ(compare_json("[100]", "[102]", settings), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[100]", "[100.0]", settings), Names{"number_form /*"});
  EXPECT_EQ(compare_json("[0]", "[0.001]", settings), Names{"value_changed /*"});
}

TEST(JsonCompare, NamesPresenceTypeAndNullness) {
  EXPECT_EQ(compare_json(R"({"a":1})", R"({})"), Names{"field_removed /a"});
  EXPECT_EQ(compare_json(R"({})", R"({"a":1})"), Names{"field_added /a"});
  EXPECT_EQ(compare_json(R"({"a":1})", R"({"a":null})"), Names{"became_null /a"});
  EXPECT_EQ(compare_json(R"({"a":null})", R"({"a":1})"), Names{"type_changed /a"});
  EXPECT_EQ(compare_json(R"({"a":1})", R"({"a":"1"})"), Names{"type_changed /a"});
  EXPECT_EQ(compare_json(R"({"a":true})", R"({"a":false})"), Names{"value_changed /a"});
  EXPECT_EQ(compare_json(R"({"a":{}})", R"({"a":[]})"), Names{"type_changed /a"});
  EXPECT_EQ(compare_json(R"({"a":""})", R"({"a":"https://example.org/"})"), Names{"value_changed /a"});
}

TEST(JsonCompare, TheWholeDocumentIsTheBody) {
  EXPECT_EQ(compare_json("[]", "{}"), Names{"type_changed body"});
  EXPECT_EQ(compare_json("1", "2"), Names{"value_changed body"});
  EXPECT_EQ(compare_json("[1,2]", "[2,1]"), Names{"order_changed body"});
  const auto findings = findings_of("1", "null");
  ASSERT_EQ(names_of(findings), Names{"became_null body"});
  EXPECT_EQ(findings[0].primary_pointer, "");
  EXPECT_EQ(findings[0].primary_value, "1");
  EXPECT_EQ(findings[0].other_value, "null");
}

TEST(JsonCompare, PairsMembersByKeyWhateverTheirOrder) {
  EXPECT_EQ(compare_json(R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":3,"c":2},"a":1})"), Names{});
  EXPECT_EQ(compare_json(R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":4,"c":2},"a":1})"), Names{"value_changed /b/d"});
  // The order turns out to differ only after the first difference.
  EXPECT_EQ(
      compare_json(R"({"x":{"a":1,"b":[1,{"c":1}],"d":4,"e":5}})", R"({"x":{"a":1,"b":[1,{"c":2}],"e":5,"d":4}})"),
      Names{"value_changed /x/b/*/c"});
  EXPECT_EQ(compare_json(R"({"a":1,"b":2,"c":3})", R"({"a":9,"c":3,"d":4})"),
            (Names{"value_changed /a", "field_removed /b", "field_added /d"}));
}

TEST(JsonCompare, PairsRepeatedKeysFromTheLast) {
  EXPECT_EQ(compare_json(R"({"a":1,"a":2})", R"({ "a":1,"a":2})"), Names{});
  EXPECT_EQ(compare_json(R"({"a":2,"a":1})", R"({"a":2})"), (Names{"duplicate_key /a", "value_changed /a"}));
  EXPECT_EQ(compare_json(R"({"a":{"x":1},"a":{"x":2}})", R"({"a":{"x":2}})"), Names{"duplicate_key /a"});
  EXPECT_EQ(compare_json(R"({"a":2})", R"({"a":1,"b":0,"a":2})"), (Names{"duplicate_key /a", "field_added /b"}));
  EXPECT_EQ(compare_json(R"({"a":1,"a":2})", R"({})"), Names{"field_removed /a"});
  EXPECT_EQ(compare_json(R"({"a":1,"b":1,"a":2})", R"({"b":1,"a":1,"a":2})"), Names{});
}

TEST(JsonCompare, TrimsTheEqualEndsOfArrays) {
  EXPECT_EQ(compare_json("[1,2,3,4]", "[1,9,3,4]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[1,2,3,4]", "[1,3,4]"), Names{"element_removed /*"});
  EXPECT_EQ(compare_json("[1,3,4]", "[1,2,3,4]"), Names{"element_added /*"});
  EXPECT_EQ(compare_json("[]", "[1,2]"), Names{"element_added /*"});
  EXPECT_EQ(compare_json("[1,1]", "[1]"), Names{"element_removed /*"});
  std::string many = "[";
  for (int i = 0; i < 399; ++i) many += R"({"id":)" + std::to_string(i) + R"(,"title":"issue"},)";
  many.back() = ']';
  const std::string more = R"([{"id":1000,"title":"new"},)" + many.substr(1);
  EXPECT_EQ(compare_json(many, more), Names{"element_added /*"});
  const auto findings = findings_of("[0,1,2]", "[0,7,1,2]");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].other_pointer, "/1");
  EXPECT_EQ(findings[0].primary_pointer, "");
}

TEST(JsonCompare, TheRestOfAnArrayIsPairedByPosition) {
  EXPECT_EQ(compare_json(R"([{"a":1},{"a":2}])", R"([{"a":3},{"a":4},{"a":5}])"),
            (Names{"value_changed /*/a", "element_added /*"}));
  EXPECT_EQ(compare_json(R"([1,"x",2])", R"([3,null,4])"), (Names{"value_changed /*", "became_null /*"}));
}

TEST(JsonCompare, AnotherOrderIsOneDifferenceAtTheArray) {
  EXPECT_EQ(compare_json(R"({"t":[1,2,3]})", R"({"t":[3,1,2]})"), Names{"order_changed /t"});
  EXPECT_EQ(compare_json(R"([{"a":1,"b":[1]},{"a":2,"b":[2]}])", R"([{"b":[2],"a":2},{"b":[1],"a":1}])"),
            Names{"order_changed body"});
  EXPECT_EQ(compare_json("[[1,2],[3]]", "[[2,1],[3]]"), Names{"order_changed /*"});
  EXPECT_EQ(compare_json("[1,1,2]", "[1,2,2]"), Names{"value_changed /*"});
  Settings ordered;
  ordered.arrays = ArrayMode::ordered;
  EXPECT_EQ(compare_json("[1,2,3]", "[3,1,2]", ordered), Names{"order_changed body"});
}

TEST(JsonCompare, ArraysMayBeSets) {
  Settings sets;
  sets.arrays = ArrayMode::set;
  EXPECT_EQ(compare_json("[1,2,3]", "[3,1,2]", sets), Names{});
  EXPECT_EQ(compare_json("[[1,2],[3]]", "[[3],[2,1]]", sets), Names{});
  EXPECT_EQ(compare_json("[1,2,3]", "[3,4,1,2]", sets), Names{"element_added /*"});
  EXPECT_EQ(compare_json("[1,2,3]", "[3,9,1]", sets), Names{"value_changed /*"});
  EXPECT_EQ(compare_json("[1,1,2]", "[2,1]", sets), Names{"element_removed /*"});
  EXPECT_EQ(compare_json("[1,1,2]", "[2,2,1]", sets), Names{"value_changed /*"});
}

TEST(JsonCompare, ReportsAPathAndClassOnceWithTheFirstPlaces) {
  const auto findings = findings_of(R"({"items":[{"p":1},{"p":2},{"p":3}]})", R"({"items":[{"p":1},{"p":5},{"p":6}]})");
  ASSERT_EQ(names_of(findings), Names{"value_changed /items/*/p"});
  EXPECT_EQ(findings[0].primary_pointer, "/items/1/p");
  EXPECT_EQ(findings[0].other_pointer, "/items/1/p");
  EXPECT_EQ(findings[0].primary_value, "2");
  EXPECT_EQ(findings[0].other_value, "5");
  EXPECT_EQ(findings[0].other_scalar_hashes.size(), 2U);
}

TEST(JsonCompare, EscapesSegmentsSoThatNoKeyIsTakenForAWildcard) {
  EXPECT_EQ(compare_json(R"({"a/b":{"c~d":1}})", R"({"a/b":{"c~d":2}})"), Names{"value_changed /a~1b/c~0d"});
  EXPECT_EQ(compare_json(R"({"*":1,"{}":1,"":1})", R"({"*":2,"{}":2,"":2})"),
            (Names{"value_changed /~2", "value_changed /~3", "value_changed /"}));
  const auto findings = findings_of(R"({"*":[{"a/b":1}]})", R"({"*":[{"a/b":2}]})");
  ASSERT_EQ(names_of(findings), Names{"value_changed /~2/*/a~1b"});
  EXPECT_EQ(findings[0].primary_pointer, "/*/0/a~1b");
}

TEST(JsonCompare, KeysThatAreDataStandAsAMap) {
  EXPECT_EQ(compare_json(R"({"users":{"17":{"n":1},"21":{"n":2}}})", R"({"users":{"17":{"n":3},"21":{"n":4}}})"),
            Names{"value_changed /users/{}/n"});
  EXPECT_EQ(compare_json(R"({"users":{"17":1}})", R"({"users":{"18":1}})"),
            (Names{"field_removed /users/{}", "field_added /users/{}"}));
  EXPECT_EQ(compare_json(R"({"u":{}})", R"({"u":{"18":1}})"), Names{"field_added /u/{}"});
  EXPECT_EQ(compare_json(R"({"u":{"17":1,"18":1}})", R"({"u":{"17":1}})"), Names{"field_removed /u/{}"});
  // Where the keys are others each time, fewer of them are told apart from others.
  const auto fewer = findings_of(R"({"u":{"17":1,"18":1,"19":1}})", R"({"u":{"17":1,"20":1}})");
  EXPECT_EQ(names_of(fewer), (Names{"field_removed /u/{}", "field_added /u/{}", "element_removed /u/{}"}));
  EXPECT_EQ(fewer[2].primary_value, "3 entries");
  EXPECT_EQ(fewer[2].other_value, "2 entries");
  EXPECT_EQ(compare_json(R"({"u":{"17":1}})", R"({"u":{"20":1,"21":1}})"),
            (Names{"field_removed /u/{}", "field_added /u/{}", "element_added /u/{}"}));
  EXPECT_EQ(compare_json(R"({"u":{"17":1,"18":1}})", R"({"u":{}})"),
            (Names{"field_removed /u/{}", "element_removed /u/{}"}));
  // … and what they stand for is compared in its order.
  const auto renamed = findings_of(R"({"u":{"17":{"c":"EUR","n":1},"18":{"c":"EUR","n":2}}})",
                                   R"({"u":{"20":{"c":"USD","n":1},"21":{"c":"USD"}}})");
  EXPECT_EQ(names_of(renamed),
            (Names{"field_removed /u/{}", "field_added /u/{}", "value_changed /u/{}/c", "field_removed /u/{}/n"}));
  EXPECT_EQ(renamed[2].primary_pointer, "/u/17/c");
  EXPECT_EQ(renamed[2].other_pointer, "/u/20/c");
  EXPECT_EQ(compare_json(R"({"u":{"17":1,"18":2}})", R"({"u":{"17":1,"20":null}})"),
            (Names{"field_removed /u/{}", "field_added /u/{}", "became_null /u/{}"}));
  EXPECT_EQ(compare_json(R"({"a":1,"b":1,"c":1})", R"({"a":1,"d":1})"),
            (Names{"field_removed /b", "field_removed /c", "field_added /d"}));
  EXPECT_EQ(compare_json(R"({"u":{"name":1,"18":1}})", R"({"u":{"name":1,"18":2}})"), Names{"value_changed /u/18"});
  EXPECT_EQ(
      compare_json(R"({"550e8400-e29b-41d4-a716-446655440000":1})", R"({"550e8400-e29b-41d4-a716-446655440000":2})"),
      Names{"value_changed /{}"});
  std::string map = "{";
  std::string record = "{";
  for (int i = 0; i < 60; ++i) {
    const std::string key = "\"k" + std::string(1, static_cast<char>('a' + i / 26)) +
                            std::string(1, static_cast<char>('a' + i % 26)) + "\":";
    map += key + R"({"v":1},)";
    record += key + (i % 2 == 0 ? R"("text",)" : "1,");
  }
  map.back() = '}';
  record.back() = '}';
  EXPECT_EQ(compare_json(map, edited(map, "/kab/v", Edit::replace, "2")), Names{"value_changed /{}/v"});
  EXPECT_EQ(compare_json(record, edited(record, "/kab", Edit::replace, "2")), Names{"value_changed /kab"});
}

TEST(JsonCompare, ReadsWhatIsLegalAndRare) {
  EXPECT_EQ(compare_json("\xEF\xBB\xBF{\"a\":1}", "{\"a\":1}"), Names{"string_form body"});
  EXPECT_EQ(compare_json("\xEF\xBB\xBF{\"a\":1}", "\xEF\xBB\xBF{\"a\":2}"), Names{"value_changed /a"});
  EXPECT_EQ(compare_json(R"(["\ud800"])", R"(["\ud801"])"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json(R"(["\ud800"])", R"([ "\uD800"])"), Names{});
  EXPECT_EQ(compare_json(R"(["\ud83d\ude00", "\udc00"])", R"(["😀","\udc00"])"), Names{});
  const auto findings = findings_of(R"(["\ud800",1])", R"([1e999,1])");
  ASSERT_EQ(names_of(findings), Names{"type_changed /*"});
  EXPECT_EQ(findings[0].primary_value, R"("\ud800")");
  EXPECT_EQ(findings[0].other_value, "1e999");
}

TEST(JsonCompare, StopsAtItsLimitsAndSaysSo) {
  const std::string deep = std::string(json_depth_limit + 10, '[') + std::string(json_depth_limit + 10, ']');
  EXPECT_EQ(compare_json(deep, "[" + deep + "]"), Names{"body_changed body"});
  EXPECT_EQ(compare_json("[" + std::string(json_size_limit, ' ') + "1]", "[2]"), Names{"body_changed body"});
  // Layout is no difference beyond them either.
  EXPECT_EQ(compare_json(deep, deep + " "), Names{});
  EXPECT_EQ(compare_json("[" + std::string(json_size_limit, ' ') + "1]", "[1]"), Names{});
  std::string left = "[";
  std::string right = "[";
  for (std::size_t i = 0; i < json_finding_limit + 10; ++i) {
    left += "{\"l" + std::to_string(i) + "x\":1},";
    right += "{\"r" + std::to_string(i) + "x\":1},";
  }
  left.back() = ']';
  right.back() = ']';
  const auto names = compare_json(left, right);
  EXPECT_EQ(names.size(), json_finding_limit + 1);
  EXPECT_EQ(names.back(), "body_changed body");
  std::string nodes = "[";
  for (std::size_t i = 0; i <= json_node_limit; ++i) nodes += "[],";
  nodes.back() = ']';
  EXPECT_EQ(compare_json(nodes, nodes + " "), Names{});
  EXPECT_EQ(compare_json(nodes, "[[]," + nodes.substr(1)), Names{"body_changed body"});
}

TEST(JsonCompare, HostileRepetitionEnds) {
  // Each array on the way down looks for its first difference, which lies behind a large value at the bottom that is
  // equal but for the order of its keys.
  std::string left;
  for (int i = 0; i < 120; ++i) left += "{\"x\":[";
  std::string right = left;
  left += "[0";
  right += "[0";
  for (int i = 0; i < 50'000; ++i) {
    left += ",{\"a\":0,\"b\":0}";
    right += ",{\"b\":0,\"a\":0}";
  }
  left += "]";
  right += "]";
  for (int i = 0; i < 120; ++i) left += "],\"b\":1}";
  for (int i = 0; i < 120; ++i) right += "],\"b\":2}";
  EXPECT_EQ(compare_json(left, right), Names{"body_changed body"}) << "by the limit on work";
  // A long real, and many short ones of the same value.
  std::string real = "[[1." + std::string(1'000'000, '0') + "],[3]";
  std::string other_real = "[[2],[3]";
  for (int i = 0; i < 20'000; ++i) {
    real += ",[3]";
    other_real += ",[1.0]";
  }
  EXPECT_EQ(compare_json(real + "]", other_real + "]"),
            (Names{"order_changed body", "number_form /*/*", "value_changed /*/*"}));
  // One long number or key on one side, many short ones on the other.
  std::string numbers = "[1" + std::string(1'000'000, '0') + "1";
  std::string other_numbers = "[2";
  std::string keys = "[{\"" + std::string(1'000'000, 'k') + "\":1}";
  std::string other_keys = "[{\"k\":2}";
  for (int i = 0; i < 20'000; ++i) {
    numbers += ",1e999";
    other_numbers += ",1e998";
    keys += ",{\"k\":1}";
    other_keys += ",{\"l\":1}";
  }
  EXPECT_EQ(compare_json(numbers + "]", other_numbers + "]"), Names{"value_changed /*"});
  EXPECT_EQ(compare_json(keys + "]", other_keys + "]").size(), 4U);
  // Lists in lists, each in another order.
  std::string lists;
  std::string other_lists;
  for (int i = 0; i < 100; ++i) {
    lists = "[1,2,1,{\"a\":" + lists + (lists.empty() ? "0}," : "},") + "2,4]";
    other_lists = "[2,{\"a\":" + other_lists + (other_lists.empty() ? "0}," : "},") + "1,5,2,1]";
  }
  EXPECT_GE(compare_json(lists, other_lists).size(), 100U);
}

TEST(JsonCompare, LongKeysAndDeepPathsStayShort) {
  const std::string key(10'000, 'k');
  const auto with_key = [&](const std::string& name, int value) {
    return "{\"" + name + "\":" + std::to_string(value) + "}";
  };
  auto findings = findings_of(with_key(key + "a", 1), with_key(key + "a", 2));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_LT(findings[0].path.size(), 200U);
  EXPECT_NE(findings[0].path, findings_of(with_key(key + "b", 1), with_key(key + "b", 2))[0].path);
  EXPECT_EQ(findings[0].primary_pointer, "");
  std::string left;
  for (int i = 0; i < 200; ++i) left += "{\"segment\":";
  const std::string right = left + "2" + std::string(200, '}');
  left += "1" + std::string(200, '}');
  findings = findings_of(left, right);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_LT(findings[0].path.size(), 1100U);
  EXPECT_EQ(findings[0].primary_pointer.size(), 1600U);
}

TEST(JsonCompare, ShowsValuesShortAndWellFormed) {
  const std::string text(1000, 'x');
  auto findings = findings_of("[\"" + text + "\"]", "[\"\\u0001\\\"\\\\\xC3\xA4" + text + "\"]");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_LE(findings[0].primary_value.size(), 256U);
  EXPECT_TRUE(findings[0].other_value.starts_with("\"\\u0001\\\"\\\\\xC3\xA4xxx")) << findings[0].other_value;
  findings = findings_of(R"({"a":{"b":[1,true,null,"x"],"c":{}}})", R"({})");
  EXPECT_EQ(findings[0].primary_value, R"({"b":[1,true,null,"x"],"c":{}})");
}

// One comparer, many bodies: what it keeps of the patterns that it has met is not to show.
TEST(JsonCompare, FindsTheSameAfterAnyNumberOfOtherFields) {
  Comparer comparer{Settings{}};
  const auto compare = [&](const std::string& primary, const std::string& other) {
    return names_of(comparer.compare(json_response(primary), json_response(other)));
  };
  const std::string primary = R"({"id":1,"items":[{"n":1},{"n":2}]})";
  const std::string other = R"({"id":2,"items":[{"n":5},{"n":"2"}]})";
  const Names expected{"value_changed /id", "value_changed /items/*/n", "type_changed /items/*/n"};
  for (std::size_t i = 0; i < 2 * json_pattern_limit; ++i) {
    ASSERT_EQ(compare(primary, other), expected) << i;
    const std::string key = "key" + std::to_string(i);
    ASSERT_EQ(compare("{\"" + key + "\":1}", "{\"" + key + "\":2}"), Names{"value_changed /" + key});
  }
}

}  // namespace
}  // namespace understudy::diff::test
